#ifndef FIREBREAK_POLICY_DIFFERENCE_UNIVERSE_H_
#define FIREBREAK_POLICY_DIFFERENCE_UNIVERSE_H_

#include <optional>

#include "policy/difference/rules.h"

namespace firebreak::policy {

// The packets that a difference is about: those whose remote address can be another host's (not
// 0.0.0.0/8, 127.0.0.0/8, ::/80; inbound, neither multicast nor 240.0.0.0/4), and, of ICMP, those
// of their own family. Of the others the kernel takes none, or a firewall that is on refuses all.

// The first remote address of the box that can be; none: it has none.
std::optional<AddressNumber> FirstPossibleAddress(const Box& box, const Plane& plane);

// Whether the box holds any packet that can be.
bool IsPossible(const Box& box, const Plane& plane);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_UNIVERSE_H_
