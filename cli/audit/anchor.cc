// SPDX-License-Identifier: Apache-2.0
#include "cli/audit/anchor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/openssl/openssl.h"
#include "proto/audit/chain.h"

namespace firebreak::cli {

std::string AnchorPath(const std::string& ca_pem) {
  const char* state = getenv("XDG_STATE_HOME");
  const char* home = getenv("HOME");
  const std::string base = state != nullptr && *state != '\0'
                               ? std::string(state)
                               : absl::StrCat(home == nullptr ? "" : home, "/.local/state");
  return absl::StrCat(base, "/firebreak/audit-",
                      absl::BytesToHexString(Sha256(ca_pem).substr(0, 8)));
}

absl::StatusOr<std::optional<Anchor>> ReadAnchor(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return absl::ErrnoToStatus(errno, absl::StrCat("read the anchor ", path));
  }
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> parts = absl::StrSplit(line, ' ');
  Anchor anchor;
  const bool good = parts.size() == 2 && absl::SimpleAtoi(parts[0], &anchor.number) &&
                    parts[1].size() == 2 * kAuditHashBytes &&
                    parts[1].find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!good) {
    return absl::DataLossError(absl::StrCat(path, " is not an anchor of an audit trail"));
  }
  anchor.hash = absl::HexStringToBytes(parts[1]);
  return anchor;
}

absl::Status WriteAnchor(const std::string& path, const Anchor& anchor) {
  const std::filesystem::path directory = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!directory.empty() && !std::filesystem::exists(directory, error)) {
    std::filesystem::create_directories(directory, error);
    chmod(directory.c_str(), 0700);
  }
  const std::string next = path + ".new";
  {
    std::ofstream file(next, std::ios::trunc);
    file << anchor.number << " " << absl::BytesToHexString(anchor.hash) << "\n";
    file.flush();
    if (!file) return absl::ErrnoToStatus(errno, absl::StrCat("write ", next));
  }
  if (rename(next.c_str(), path.c_str()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("rename ", next, " to ", path));
  }
  return absl::OkStatus();
}

}  // namespace firebreak::cli
