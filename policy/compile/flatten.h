// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_FLATTEN_H_
#define FIREBREAK_POLICY_COMPILE_FLATTEN_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "policy/compile/allowance.h"

namespace firebreak::policy {

// A box of protocol, ports and remote addresses in which one mapping decides.
struct Piece {
  uint8_t protocol = 0;
  uint16_t first_port = 0;
  uint16_t last_port = 0;  // inclusive
  // Network order, 4 or 16 bytes each; empty for any address of either family.
  std::string first_address;
  std::string last_address;
  size_t mapping = 0;  // index of the deciding mapping
  // Only for pieces with addresses: whether no other mapping has addresses for these ports. The
  // mapping's prefixes then become the same pieces for each of its ports.
  bool sole = false;

  friend bool operator==(const Piece&, const Piece&) = default;
};

// Turns an ordered list, of which the first mapping that covers a packet decides, into boxes that
// do not overlap, so that sets and maps, which have no order, can hold them:
// - no two pieces for any address overlap, and no two pieces with addresses overlap;
// - where one of each covers a packet, the piece with addresses decides;
// - where no piece covers a packet, `fallback` decides. Pieces that would say the same as
//   `fallback` are left out, unless it is unspecified.
// A mapping whose ports no other mapping touches stays one piece, so adding a mapping adds one
// element. `mappings` must have passed CheckEffective.
//
// The cost is subtracted from the allowance. If that does not suffice, the result is incomplete.
std::vector<Piece> Flatten(std::span<const v1::Mapping* const> mappings,
                           v1::Traffic::Action fallback, Allowance& allowance);

// Returns the boxes in which a `wanted` mapping decides. All have addresses and no two overlap.
// This is for actions beyond letting a packet in, where a piece for any address must not stand in
// for the mapping that decides.
std::vector<Piece> FlattenWanted(std::span<const v1::Mapping* const> mappings,
                                 const std::function<bool(const v1::Mapping&)>& wanted,
                                 Allowance& allowance);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_FLATTEN_H_
