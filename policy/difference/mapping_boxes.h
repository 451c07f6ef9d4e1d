// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_MAPPING_BOXES_H_
#define FIREBREAK_POLICY_DIFFERENCE_MAPPING_BOXES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "policy/difference/box.h"

namespace firebreak::policy {

// Returns the packets of a family that a mapping covers, as far as boxes can express them:
// protocol, ports, ICMP types, remote address.
std::vector<Box> BoxesOf(const v1::Mapping& mapping, size_t address_bytes);

// What a mapping requires beyond its boxes. It decides about a packet in its boxes only if this
// condition holds; otherwise the packet is judged as if the mapping were not there.
struct Condition {
  std::string text;  // "at most 10/minute of each source, sent by users root"
  // Whether the condition holds for a witness: the first flow of its source, at this moment, to or
  // from the host's example addresses (OwnAddresses), sent by no particular user.
  bool holds = true;
  // Whether the condition is a limit. A limit is checked when the packet is filtered, which is
  // after the decision to forward the packet or to proxy its handshake.
  bool limits = false;
};

// Returns none if the mapping always decides. `own` are the host's addresses that witnesses use.
std::optional<Condition> ConditionOf(const v1::Mapping& mapping,
                                     const std::vector<std::string>& own);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_MAPPING_BOXES_H_
