// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_IMPORT_H_
#define FIREBREAK_POLICY_IMPORT_IMPORT_H_

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/import/build.h"
#include "policy/import/report.h"
#include "policy/import/source_text.h"

namespace firebreak::importer {

// The result of importing another firewall's configuration.
struct Imported {
  std::vector<v1::Resource> resources;
  Report report;
};

inline constexpr size_t kMaxSourceBytes = 8 << 20;  // per file

// Returns InvalidArgument if the text is too large, not text, or empty.
absl::Status CheckSource(const SourceText& source);

// The functions below take a whole configuration and do no I/O. Errors are InvalidArgument and name
// the file and the line.

// Takes the outputs of iptables-save and ip6tables-save, or files in that form.
absl::StatusOr<Imported> ImportIptables(std::span<const SourceText> sources, const Naming& naming);

// Returns the files that an `include` names; several if it has wildcards.
using FindIncluded =
    std::function<absl::StatusOr<std::vector<SourceText>>(const std::string& pattern)>;

// Takes the output of `nft list ruleset`, or a file for `nft -f`.
absl::StatusOr<Imported> ImportNft(const SourceText& source, const FindIncluded& find,
                                   const Naming& naming);

// Takes ufw's files by their names below /etc/ufw, and /etc/default/ufw under the name "default".
absl::StatusOr<Imported> ImportUfw(const std::map<std::string, SourceText>& files,
                                   const Naming& naming);

// Takes firewalld's files by their paths below /etc/firewalld, such as "firewalld.conf",
// "zones/public.xml" or "services/ssh.xml". A file of /usr/lib/firewalld stands in where /etc has
// none.
absl::StatusOr<Imported> ImportFirewalld(const std::map<std::string, SourceText>& files,
                                         const Naming& naming);

// Returns the resources as YAML, preceded by comments that say what could not be expressed, and
// why.
std::string Render(const Imported& imported);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_IMPORT_H_
