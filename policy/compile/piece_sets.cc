// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/piece_sets.h"

#include <linux/netfilter.h>

#include <utility>

#include "policy/compile/match.h"

namespace firebreak::policy {

using ruleset::Bytes;
using ruleset::Field;

std::vector<Field> PieceKey(uint8_t family) {
  return {Field::kProtocol, Field::kPort,
          family == NFPROTO_IPV4 ? Field::kIpv4Address : Field::kIpv6Address};
}

bool Covers(const Piece& piece, uint8_t family) {
  return piece.first_address.empty() ||
         piece.first_address.size() == (family == NFPROTO_IPV4 ? 4u : 16u);
}

namespace {

// Returns the lowest and the highest address of the piece.
std::pair<Bytes, Bytes> Addresses(const Piece& piece, uint8_t family) {
  const size_t length = family == NFPROTO_IPV4 ? 4 : 16;
  if (!piece.first_address.empty()) return {piece.first_address, piece.last_address};
  return {Bytes(length, '\0'), Bytes(length, '\xff')};
}

}  // namespace

Bytes PieceInterval(const Piece& piece, uint8_t family) {
  const auto [first, last] = Addresses(piece, family);
  const Bytes protocol = KeyField(piece.protocol);
  return protocol + KeyField(piece.first_port) + first + protocol + KeyField(piece.last_port) +
         last;
}

std::vector<Field> HostKey(uint8_t family) {
  return {Field::kProtocol, family == NFPROTO_IPV4 ? Field::kIpv4Address : Field::kIpv6Address};
}

Bytes HostInterval(const Piece& piece, uint8_t family) {
  const auto [first, last] = Addresses(piece, family);
  const Bytes protocol = KeyField(piece.protocol);
  return protocol + first + protocol + last;
}

}  // namespace firebreak::policy
