// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_UNIVERSE_H_
#define FIREBREAK_POLICY_DIFFERENCE_UNIVERSE_H_

#include <optional>

#include "policy/difference/rules.h"

namespace firebreak::policy {

// A difference is about possible packets only. Their remote address can belong to another host: not
// 0.0.0.0/8, 127.0.0.0/8 or ::/80, and for inbound packets neither multicast nor 240.0.0.0/4. Their
// ICMP is their own family's. The kernel refuses all other packets, or every active firewall does.
// IPv6 extension headers do not count as protocols.

// Returns the first protocol in the box that a packet can have, or nullopt if there is none.
// Returns the authentication header's number only if the box has no other.
std::optional<uint16_t> FirstPossibleProtocol(const Box& box, const Plane& plane);

// Returns the first possible remote address in the box, or nullopt if there is none.
std::optional<AddressNumber> FirstPossibleAddress(const Box& box, const Plane& plane);

// Whether the box holds any possible packet.
bool IsPossible(const Box& box, const Plane& plane);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_UNIVERSE_H_
