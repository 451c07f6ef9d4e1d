// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_ICMP_TYPES_H_
#define FIREBREAK_POLICY_RESOURCES_ICMP_TYPES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// Parses a type of ICMP or ICMPv6: a name ("echo-request"), a number, or either with a code ("3/4",
// "destination-unreachable/4"). `protocol` is IPPROTO_ICMP or IPPROTO_ICMPV6. Returns
// InvalidArgument with the reason and the nearest name.
absl::StatusOr<v1::IcmpKind> ParseIcmpKind(absl::string_view text, uint8_t protocol);

// Returns a text that ParseIcmpKind accepts, such as "echo-request" or "3/4".
std::string IcmpKindText(const v1::IcmpKind& kind);

// Returns all names of the protocol's types, sorted by number.
std::vector<std::string> IcmpTypeNames(uint8_t protocol);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_ICMP_TYPES_H_
