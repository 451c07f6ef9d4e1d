// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_IPTABLES_H_
#define FIREBREAK_POLICY_IMPORT_IPTABLES_H_

#include <string>

#include "absl/status/status.h"
#include "policy/import/chains.h"
#include "policy/import/report.h"
#include "policy/import/source_text.h"

namespace firebreak::importer {

// Whether the text is of ip6tables: by the name of the file, or by words that only IPv6 has.
bool IsOfIpv6(const SourceText& source);

// Adds the tables of the output of iptables-save(8) or ip6tables-save(8), or of a file in that
// form, to `ruleset`. Lines that begin with "### tuple ###" are ufw's, and its comments become
// descriptions.
//
// InvalidArgument, with file and line: it is no such text, or it is cut off.
absl::Status ReadIptables(const SourceText& source, bool v6, Ruleset& ruleset, Report& report);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_IPTABLES_H_
