// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_PORTS_H_
#define FIREBREAK_POLICY_RESOURCES_PORTS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak::policy {

struct Ports {
  uint16_t first = 0;
  uint16_t last = 0;  // inclusive

  friend bool operator==(const Ports&, const Ports&) = default;
  friend auto operator<=>(const Ports&, const Ports&) = default;
};

inline constexpr Ports kAllPorts = {0, 65535};  // for protocols without ports

// Parses "443" or "27000-27050", from 1 to 65535. InvalidArgument gives the reason.
absl::StatusOr<Ports> ParsePorts(absl::string_view text);

// Returns "443" or "27000-27050".
std::string PortsText(const Ports& ports);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_PORTS_H_
