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

// Reads one rule in the syntax of nft(8). Verdict maps, keys of several fields, and `log` together
// with a verdict make several rules, returned in their order. The helpers that the rule attaches to
// flows are added to `helpers`.
//
// Returns InvalidArgument with the reason if a policy cannot express the rule.
absl::StatusOr<std::vector<Rule>> ReadNftRule(const NftTokens& tokens, const NftObjects& objects,
                                              bool v4, bool v6, std::set<std::string>& helpers);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_NFT_RULE_H_
