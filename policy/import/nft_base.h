// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_NFT_BASE_H_
#define FIREBREAK_POLICY_IMPORT_NFT_BASE_H_

#include <span>

#include "policy/import/chains.h"
#include "policy/import/nft_tokens.h"

namespace firebreak::importer {

// Reads "type filter hook input priority filter - 5" into `base`, whose policy is kept. Returns
// false if the hook is unknown.
bool ReadNftBase(std::span<const NftToken> words, Base& base);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_NFT_BASE_H_
