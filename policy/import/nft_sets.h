// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_NFT_SETS_H_
#define FIREBREAK_POLICY_IMPORT_NFT_SETS_H_

#include <map>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/import/nft_tokens.h"

namespace firebreak::importer {

// An element of a set or a map: the parts of its key, and in a map the data behind the colon.
struct NftElement {
  std::vector<std::string> key;
  NftTokens data;
};

struct NftSet {
  std::vector<NftElement> elements;
  bool dynamic = false;  // rules add elements at run time
};

// A table's named sets and maps, and its named limits and helpers as unparsed text.
struct NftObjects {
  std::map<std::string, NftSet> sets;
  std::map<std::string, NftTokens> limits;
  std::map<std::string, std::string> helpers;
};

// Reads the elements between the braces of a set.
absl::StatusOr<std::vector<NftElement>> ReadElements(std::span<const NftToken> tokens);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_NFT_SETS_H_
