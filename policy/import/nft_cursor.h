// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_NFT_CURSOR_H_
#define FIREBREAK_POLICY_IMPORT_NFT_CURSOR_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "policy/import/nft_sets.h"
#include "policy/import/nft_tokens.h"

namespace firebreak::importer {

// The tokens of a rule that have not been read yet. The tokens must outlive this object.
struct NftCursor {
  std::span<const NftToken> left_;

  bool Next(const char* mark) const { return !left_.empty() && left_[0].Is(mark); }
  // Takes the mark if it comes next, and returns whether it did.
  bool Take(const char* mark);
  // Returns an empty text at the end.
  std::string TakeWord();
  // Returns the tokens between the braces that begin here.
  absl::StatusOr<std::span<const NftToken>> TakeBraces();
  // Returns the elements of a set in braces or of a named set, or the one or more values that stand
  // here.
  absl::StatusOr<std::vector<NftElement>> TakeValues(const NftObjects& objects);
};

// Reads the operands of "tcp flags". Returns whether they match a lone SYN, which begins a
// connection.
bool FitsLoneSyn(NftCursor& words);

// Reads the operands of "redirect" or "dnat". The port is 0 if none is given.
absl::Status TakeNftDestination(bool redirect, NftCursor& words, std::string& address, int& port);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_NFT_CURSOR_H_
