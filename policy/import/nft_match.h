// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_NFT_MATCH_H_
#define FIREBREAK_POLICY_IMPORT_NFT_MATCH_H_

#include <vector>

#include "absl/status/statusor.h"
#include "policy/import/match.h"
#include "policy/import/nft_cursor.h"
#include "policy/import/nft_key.h"
#include "policy/import/nft_sets.h"

namespace firebreak::importer {

// Returns the packets for which `key` is one of the elements; with `inverted`, none of them.
absl::StatusOr<Match> OneKey(const NftKeyWords& key, const std::vector<NftElement>& elements,
                             bool inverted);

// Returns the packets for which each key has the value at its place in the element.
absl::StatusOr<Match> Concatenated(const std::vector<NftKeyWords>& keys, const NftElement& element);

// Reads the operands of "limit", such as "rate over 10/minute burst 5 packets".
absl::StatusOr<Rate> TakeNftRate(NftCursor& words);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_NFT_MATCH_H_
