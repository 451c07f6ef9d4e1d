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

// The words of a rule that are not read yet. The tokens must outlive this object.
struct NftCursor {
  std::span<const NftToken> left_;

  bool Next(const char* mark) const { return !left_.empty() && left_[0].Is(mark); }
  // Whether the mark was there, and is taken now.
  bool Take(const char* mark);
  // Empty at the end.
  std::string TakeWord();
  // What stands between the braces that begin here.
  absl::StatusOr<std::span<const NftToken>> TakeBraces();
  // The elements of a set in braces, of a named one, or the one or more values that stand here.
  absl::StatusOr<std::vector<NftElement>> TakeValues(const NftObjects& objects);
};

// Takes what stands behind "tcp flags", and returns whether a lone SYN, by which a connection
// begins, fits it.
bool FitsLoneSyn(NftCursor& words);

// Takes what stands behind "redirect" or "dnat". The port is 0 if none is named.
absl::Status TakeNftDestination(bool redirect, NftCursor& words, std::string& address, int& port);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_NFT_CURSOR_H_
