#ifndef FIREBREAK_POLICY_COMPILE_PIECE_SETS_H_
#define FIREBREAK_POLICY_COMPILE_PIECE_SETS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "policy/compile/flatten.h"
#include "policy/ruleset/ruleset.h"

namespace firebreak::policy {

// The fields protocol, destination port and source address, and their registers' worth of a key.
std::vector<ruleset::Field> PieceKey(uint8_t family);

// Whether the piece covers packets of the family.
bool Covers(const Piece& piece, uint8_t family);

// Its first and last key, one behind the other, as elements of sets of intervals have them.
ruleset::Bytes PieceInterval(const Piece& piece, uint8_t family);

// The same for protocols without ports, whose packets may be too short to be asked for one.
std::vector<ruleset::Field> HostKey(uint8_t family);
ruleset::Bytes HostInterval(const Piece& piece, uint8_t family);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_PIECE_SETS_H_
