// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_AUDIT_ANCHOR_H_
#define FIREBREAK_CLI_AUDIT_ANCHOR_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace firebreak::cli {

// The end of an audit trail as it was last seen; any later trail must contain it.
struct Anchor {
  uint64_t number = 0;
  std::string hash;

  friend bool operator==(const Anchor&, const Anchor&) = default;
};

// The file that holds the anchor of the fleet with this CA (PEM):
// ~/.local/state/firebreak/audit-ID, or below XDG_STATE_HOME.
std::string AnchorPath(const std::string& ca_pem);

// Returns nullopt if the file does not exist. DataLoss: the file holds something else.
absl::StatusOr<std::optional<Anchor>> ReadAnchor(const std::string& path);

// Replaces the file atomically; makes its directory (0700) if needed.
absl::Status WriteAnchor(const std::string& path, const Anchor& anchor);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_AUDIT_ANCHOR_H_
