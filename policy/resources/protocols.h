// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_PROTOCOLS_H_
#define FIREBREAK_POLICY_RESOURCES_PROTOCOLS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak::policy {

// Parses a name such as "tcp" or "esp", or a number from 1 to 255, as IANA assigns them. Returns
// InvalidArgument with the reason. ICMP is refused, because it has types in place of ports.
absl::StatusOr<uint8_t> ParseProtocol(absl::string_view text);

// Parses the protocol of a mapping: in addition "icmp", "icmpv6", or "any", which is 0.
inline constexpr uint8_t kAnyProtocol = 0;
absl::StatusOr<uint8_t> ParseMappingProtocol(absl::string_view text);
inline bool IsIcmp(uint8_t protocol) { return protocol == 1 || protocol == 58; }

// Whether the protocol is TCP, UDP, UDP-Lite, SCTP or DCCP, which all have their ports at the same
// place.
bool HasPorts(uint8_t protocol);

// Returns the protocol's name, or its number if no name is known here; "any" for kAnyProtocol.
std::string ProtocolText(uint8_t protocol);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_PROTOCOLS_H_
