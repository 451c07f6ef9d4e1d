// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_FIREWALLD_DIRECT_H_
#define FIREBREAK_POLICY_IMPORT_FIREWALLD_DIRECT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/import/chains.h"
#include "policy/import/report.h"
#include "policy/import/source_text.h"

namespace firebreak::importer {

// The tables of firewalld's direct.xml: rules of iptables, which judge before the zones. What they
// accept the zones may still refuse.
absl::StatusOr<std::vector<Table>> ReadFirewalldDirect(
    const std::map<std::string, SourceText>& files, Report& report);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_FIREWALLD_DIRECT_H_
