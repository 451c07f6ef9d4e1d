// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_UNIVERSE_H_
#define FIREBREAK_POLICY_DIFFERENCE_UNIVERSE_H_

#include <optional>

#include "policy/difference/rules.h"

namespace firebreak::policy {

// The packets that a difference is about: their remote address can belong to another host (not
// 0.0.0.0/8, 127.0.0.0/8 or ::/80; inbound, neither multicast nor 240.0.0.0/4), and ICMP packets
// are of their own family. The kernel accepts no other packets, or every firewall that is on
// refuses them. IPv6's headers between IP and the transport do not count as protocols.

// Returns the first protocol of the box that a packet can have, or nullopt if there is none.
// Returns that of an authentication header only if there is no other.
std::optional<uint16_t> FirstPossibleProtocol(const Box& box, const Plane& plane);

// Returns the first possible remote address in the box, or nullopt if there is none.
std::optional<AddressNumber> FirstPossibleAddress(const Box& box, const Plane& plane);

// Whether the box holds any possible packet.
bool IsPossible(const Box& box, const Plane& plane);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_UNIVERSE_H_
