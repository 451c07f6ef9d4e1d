// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_NFT_TOKENS_H_
#define FIREBREAK_POLICY_IMPORT_NFT_TOKENS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/import/source_text.h"

namespace firebreak::importer {

// A word, a quoted text, or a mark of nft's language. The end of a line is the mark "\n".
struct NftToken {
  std::string text;
  int line = 0;
  bool quoted = false;

  bool Is(const char* mark) const { return !quoted && text == mark; }
};

using NftTokens = std::vector<NftToken>;

// Returns InvalidArgument, with file and line, if a quote does not end or there are too many
// tokens.
absl::StatusOr<NftTokens> SplitNft(const SourceText& source);

// Returns the tokens with blanks between them, for messages.
std::string TextOf(const NftTokens& tokens);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_NFT_TOKENS_H_
