// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_IMPORT_GATHER_H_
#define FIREBREAK_CLI_IMPORT_GATHER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/import/import.h"

namespace firebreak::cli {

// Reads the configuration of another firewall (`kind` is ufw, firewalld, iptables or nft) and
// imports it. Without `paths` this is the host's present configuration: the running rules of
// iptables or nft, which only root can read, or the files of ufw or firewalld. Paths may be files
// in the form of iptables-save, a file for `nft -f`, or a directory in place of /etc/ufw,
// /etc/firewalld, /etc/iptables or /etc/nftables; "-" is the standard input.
//
// Errors name the file and, where there is one, the line.
absl::StatusOr<importer::Imported> GatherAndImport(const std::string& kind,
                                                   const std::vector<std::string>& paths,
                                                   const importer::Naming& naming);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_IMPORT_GATHER_H_
