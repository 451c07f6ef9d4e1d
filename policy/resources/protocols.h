#ifndef FIREBREAK_POLICY_RESOURCES_PROTOCOLS_H_
#define FIREBREAK_POLICY_RESOURCES_PROTOCOLS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak::policy {

// A name such as "tcp" or "esp", or a number from 1 to 255, as IANA assigns them. InvalidArgument
// with the reason; ICMP is refused, as it has options of its own.
absl::StatusOr<uint8_t> ParseProtocol(absl::string_view text);

// TCP, UDP, UDP-Lite, SCTP and DCCP, which all have the ports at the same place.
bool HasPorts(uint8_t protocol);

// The name, or the number if it has none here.
std::string ProtocolText(uint8_t protocol);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_PROTOCOLS_H_
