// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_IPTABLES_H_
#define FIREBREAK_POLICY_IMPORT_IPTABLES_H_

#include <string>

#include "absl/status/status.h"
#include "policy/import/chains.h"
#include "policy/import/report.h"
#include "policy/import/source_text.h"

namespace firebreak::importer {

// Whether the text is ip6tables', by the file's name or by words that only IPv6 has.
bool IsOfIpv6(const SourceText& source);

// Adds to `ruleset` the tables in the output of iptables-save(8) or ip6tables-save(8), or in a file
// of that form. Lines that begin with "### tuple ###" are ufw's, and their comments become
// descriptions.
//
// Returns InvalidArgument, with file and line, if the text has another form or is cut off.
absl::Status ReadIptables(const SourceText& source, bool v6, Ruleset& ruleset, Report& report);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_IPTABLES_H_
