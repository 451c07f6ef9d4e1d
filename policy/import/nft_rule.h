// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_NFT_RULE_H_
#define FIREBREAK_POLICY_IMPORT_NFT_RULE_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/import/chains.h"
#include "policy/import/nft_sets.h"
#include "policy/import/nft_tokens.h"

namespace firebreak::importer {

// Reads one rule, as nft(8) writes it. Maps of verdicts, keys of several fields and `log` beside a
// verdict make several rules of it, in their order.
//
// `helpers` gets the helpers that the rule attaches to flows.
// InvalidArgument: the reason why the rule cannot be said.
absl::StatusOr<std::vector<Rule>> ReadNftRule(const NftTokens& tokens, const NftObjects& objects,
                                              bool v4, bool v6, std::set<std::string>& helpers);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_NFT_RULE_H_
