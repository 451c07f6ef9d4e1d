// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_PARTS_H_
#define FIREBREAK_POLICY_COMPILE_PARTS_H_

#include <span>
#include <vector>

#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// A run of an ordered list: mappings that maps can hold, of which the first that covers a packet
// decides, and behind them one that needs rules of its own. What neither decides goes on to the
// next part.
struct Part {
  std::vector<const v1::Mapping*> plain;
  const v1::Mapping* rich = nullptr;  // null: none, in the last part

  friend bool operator==(const Part&, const Part&) = default;
};

// The list, of which the first mapping that covers a packet decides, in as few parts as it takes:
// mappings that cover no packet in common may change places, so that those in maps come together
// in the first part that their order allows. At least one part.
std::vector<Part> PartsOf(std::span<const v1::Mapping* const> mappings);

// False only if no packet is covered by both.
bool MayOverlap(const v1::Mapping& a, const v1::Mapping& b);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_PARTS_H_
