// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_WITNESS_H_
#define FIREBREAK_POLICY_DIFFERENCE_WITNESS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "policy/difference/rules.h"

namespace firebreak::policy {

// One packet of a plane, which begins a flow.
struct Witness {
  Plane plane;
  uint8_t protocol = 0;
  uint16_t source_port = 0;
  uint16_t port = 0;   // of the destination; of ICMP its type and code, as Box has them
  std::string remote;  // 4 or 16 bytes, network order

  friend bool operator==(const Witness&, const Witness&) = default;
};

// A packet of the box that might well be sent. The box holds one that can be (IsPossible).
Witness WitnessOf(const Box& box, const Plane& plane);

// The addresses of the host that witnesses come to, or come from; two, for a witness's remote one
// may be one of them.
std::vector<std::string> OwnAddresses(size_t address_bytes);

bool Holds(const Box& box, const Plane& plane, const Witness& witness);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_WITNESS_H_
