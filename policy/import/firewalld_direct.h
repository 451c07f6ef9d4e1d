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

// Reads firewalld's direct.xml: iptables rules, which are consulted before the zones. The zones may
// still refuse what these rules accept.
absl::StatusOr<std::vector<Table>> ReadFirewalldDirect(
    const std::map<std::string, SourceText>& files, Report& report);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_FIREWALLD_DIRECT_H_
