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

// What a configuration of another firewall comes to.
struct Imported {
  std::vector<v1::Resource> resources;
  Report report;
};

inline constexpr size_t kMaxSourceBytes = 8 << 20;  // of one file

// InvalidArgument if the text is too large, not text, or empty.
absl::Status CheckSource(const SourceText& source);

// The functions below are given whole configurations and do no I/O. Errors are InvalidArgument and
// name the file and the line.

// The outputs of iptables-save and ip6tables-save, or files in that form.
absl::StatusOr<Imported> ImportIptables(std::span<const SourceText> sources, const Naming& naming);

// Finds what an `include` names; several, if it has wildcards.
using FindIncluded =
    std::function<absl::StatusOr<std::vector<SourceText>>(const std::string& pattern)>;

// The output of `nft list ruleset`, or a file for `nft -f`.
absl::StatusOr<Imported> ImportNft(const SourceText& source, const FindIncluded& find,
                                   const Naming& naming);

// By the names that they have below /etc/ufw; and "default", which is /etc/default/ufw.
absl::StatusOr<Imported> ImportUfw(const std::map<std::string, SourceText>& files,
                                   const Naming& naming);

// By the paths that they have below /etc/firewalld, those of /usr/lib/firewalld where there is no
// other: "firewalld.conf", "zones/public.xml", "services/ssh.xml".
absl::StatusOr<Imported> ImportFirewalld(const std::map<std::string, SourceText>& files,
                                         const Naming& naming);

// The resources as YAML, behind comments that say what cannot be said, and why.
std::string Render(const Imported& imported);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_IMPORT_H_
