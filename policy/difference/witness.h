// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_WITNESS_H_
#define FIREBREAK_POLICY_DIFFERENCE_WITNESS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "policy/difference/rules.h"

namespace firebreak::policy {

// An example packet of a plane; it begins a flow.
struct Witness {
  Plane plane;
  uint8_t protocol = 0;
  uint16_t source_port = 0;
  uint16_t port = 0;   // destination port; for ICMP the type and code, as in Box
  std::string remote;  // 4 or 16 bytes, network order

  friend bool operator==(const Witness&, const Witness&) = default;
};

// Returns a plausible packet of the box, which must hold a possible packet (IsPossible).
Witness WitnessOf(const Box& box, const Plane& plane);

// Returns the host's addresses that witnesses are sent to or from. There are two, because a
// witness's remote address may be one of them.
std::vector<std::string> OwnAddresses(size_t address_bytes);

bool Holds(const Box& box, const Plane& plane, const Witness& witness);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_WITNESS_H_
