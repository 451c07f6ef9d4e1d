// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_PIECE_SETS_H_
#define FIREBREAK_POLICY_COMPILE_PIECE_SETS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "policy/compile/flatten.h"
#include "policy/ruleset/ruleset.h"

namespace firebreak::policy {

// Returns the fields of the key: protocol, destination port and source address.
std::vector<ruleset::Field> PieceKey(uint8_t family);

// Whether the piece covers packets of the family.
bool Covers(const Piece& piece, uint8_t family);

// Returns the first and the last key of the piece, joined in the form of an element of an interval
// set.
ruleset::Bytes PieceInterval(const Piece& piece, uint8_t family);

// Like PieceKey, but for protocols without ports, whose packets may be too short for a port to be
// read.
std::vector<ruleset::Field> HostKey(uint8_t family);
ruleset::Bytes HostInterval(const Piece& piece, uint8_t family);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_PIECE_SETS_H_
