// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_PARTS_H_
#define FIREBREAK_POLICY_COMPILE_PARTS_H_

#include <cstddef>
#include <span>
#include <vector>

#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// A run of an ordered list: mappings that maps can hold, of which the first that covers a packet
// decides, and behind them one mapping that needs rules of its own. Packets that neither decides
// about go on to the next part.
struct Part {
  std::vector<const v1::Mapping*> plain;
  const v1::Mapping* rich = nullptr;  // null in the last part

  friend bool operator==(const Part&, const Part&) = default;
};

// Splits the list, of which the first mapping that covers a packet decides, into as few parts as
// possible. Mappings that cover no common packet may change places, so each mapping that fits into
// maps goes into the first part that the order allows. There is at least one part.
std::vector<Part> PartsOf(std::span<const v1::Mapping* const> mappings);

// Returns false only if no packet is covered by both. Adds to `comparisons` the number of pairs of
// ranges or prefixes that it may have compared.
bool MayOverlap(const v1::Mapping& a, const v1::Mapping& b, size_t& comparisons);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_PARTS_H_
