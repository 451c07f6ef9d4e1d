// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_NFT_TOKENS_H_
#define FIREBREAK_POLICY_IMPORT_NFT_TOKENS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/import/source_text.h"

namespace firebreak::importer {

// A word, a quoted text, or a mark of nft's language. An end of a line is the mark "\n".
struct NftToken {
  std::string text;
  int line = 0;
  bool quoted = false;

  bool Is(const char* mark) const { return !quoted && text == mark; }
};

using NftTokens = std::vector<NftToken>;

// InvalidArgument, with file and line: a quote does not end, or there are too many tokens.
absl::StatusOr<NftTokens> SplitNft(const SourceText& source);

// The tokens with blanks between, for people.
std::string TextOf(const NftTokens& tokens);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_NFT_TOKENS_H_
