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

// The packets of a family that a mapping covers, as far as a box can say it: protocol, ports, types
// of ICMP, the remote address.
std::vector<Box> BoxesOf(const v1::Mapping& mapping, size_t address_bytes);

// What a mapping says beside, which no box knows: it decides about a packet of its boxes only on
// this condition. Else the packet is judged as if the mapping were not there.
struct Condition {
  std::string text;  // "at most 10/minute of each source, sent by users root"
  // Whether it holds for a witness: the first flow of its source, now, to no address that only some
  // mappings speak of, sent by nobody in particular.
  bool holds = true;
  // Whether it is a limit, which is looked at when the packet is judged, and not yet when it is
  // sent on or its handshake is proxied.
  bool limits = false;
};

// None: it always decides. `own` are the addresses of the host that witnesses come to or from.
std::optional<Condition> ConditionOf(const v1::Mapping& mapping,
                                     const std::vector<std::string>& own);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_MAPPING_BOXES_H_
