#ifndef FIREBREAK_CLI_AUDIT_ANCHOR_H_
#define FIREBREAK_CLI_AUDIT_ANCHOR_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace firebreak::cli {

// The end of an audit trail as it was seen once: a later trail must contain it.
struct Anchor {
  uint64_t number = 0;
  std::string hash;

  friend bool operator==(const Anchor&, const Anchor&) = default;
};

// Where the anchor of the fleet with this CA (PEM) is kept: ~/.local/state/firebreak/audit-ID, or
// below XDG_STATE_HOME.
std::string AnchorPath(const std::string& ca_pem);

// None if there is no such file. DataLoss: it holds something else.
absl::StatusOr<std::optional<Anchor>> ReadAnchor(const std::string& path);

// Replaces the file at once, with its directory made (0700) if need be.
absl::Status WriteAnchor(const std::string& path, const Anchor& anchor);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_AUDIT_ANCHOR_H_
