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

// The packets of which `key` is one of the elements; `inverted`: none of them.
absl::StatusOr<Match> OneKey(const NftKeyWords& key, const std::vector<NftElement>& elements,
                             bool inverted);

// The packets of which all keys have the values of the element, one for each.
absl::StatusOr<Match> Concatenated(const std::vector<NftKeyWords>& keys, const NftElement& element);

// Takes what stands behind "limit": "rate over 10/minute burst 5 packets".
absl::StatusOr<Rate> TakeNftRate(NftCursor& words);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_NFT_MATCH_H_
