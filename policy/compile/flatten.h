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

// A box of protocol × ports × remote addresses in which one mapping decides.
struct Piece {
  uint8_t protocol = 0;
  uint16_t first_port = 0;
  uint16_t last_port = 0;  // inclusive
  // Network order, 4 or 16 bytes each; empty for any address of either family.
  std::string first_address;
  std::string last_address;
  size_t mapping = 0;  // index of the one that decides
  // For a piece with addresses: no other mapping has addresses for these ports. All prefixes of the
  // mapping then stand in pieces like this one, the same for all of its ports.
  bool sole = false;

  friend bool operator==(const Piece&, const Piece&) = default;
};

// Turns an ordered list, of which the first mapping that covers a packet decides, into boxes that
// do not overlap, so that sets and maps, which know no order, can hold them:
// - no two pieces for any address overlap, and no two with addresses;
// - where one of each covers a packet, the one with addresses decides;
// - what no piece covers, `fallback` decides; pieces that say no more than that are left out. None
//   are if it is unspecified.
// A mapping whose ports no other touches stays one piece, so that a new mapping is one element.
// `mappings` are checked already (CheckEffective).
//
// What it costs is taken from the allowance; if that does not suffice, the pieces are not all.
std::vector<Piece> Flatten(std::span<const v1::Mapping* const> mappings,
                           v1::Traffic::Action fallback, Allowance& allowance);

// The boxes in which a mapping that is `wanted` decides. They all have addresses, and no two
// overlap: for what more is done with a packet than to let it in, where another mapping for any
// address may not stand in for the one that decides.
std::vector<Piece> FlattenWanted(std::span<const v1::Mapping* const> mappings,
                                 const std::function<bool(const v1::Mapping&)>& wanted,
                                 Allowance& allowance);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_FLATTEN_H_
