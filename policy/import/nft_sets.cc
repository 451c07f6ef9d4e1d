// SPDX-License-Identifier: Apache-2.0
#include "policy/import/nft_sets.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace firebreak::importer {
namespace {

constexpr size_t kMostElements = 100'000;

// Words that may follow an element's key and do not change what the element matches.
bool EndsKey(const NftToken& token) {
  static constexpr const char* kWords[] = {"timeout", "expires", "counter", "comment", "limit"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](const char* word) { return token.Is(word); });
}

}  // namespace

absl::StatusOr<std::vector<NftElement>> ReadElements(std::span<const NftToken> tokens) {
  std::vector<NftElement> elements;
  NftElement element;
  enum class Part { kKey, kData, kRest } part = Part::kKey;
  const auto end = [&] {
    if (!element.key.empty()) elements.push_back(std::move(element));
    element = {};
    part = Part::kKey;
  };
  bool joined = false;  // the next token continues this part of the key
  for (const NftToken& token : tokens) {
    if (elements.size() > kMostElements) {
      return absl::InvalidArgumentError("a set has too many elements");
    }
    // A definition that was expanded here has braces of its own.
    if (token.Is("\n") || token.Is("{") || token.Is("}")) continue;
    if (token.Is(",")) {
      end();
      joined = false;
    } else if (part == Part::kData) {
      element.data.push_back(token);
    } else if (token.Is(":")) {
      part = Part::kData;
    } else if (EndsKey(token)) {
      part = Part::kRest;
    } else if (token.Is(".")) {
      joined = false;
    } else if (part == Part::kKey) {
      if (joined) {
        absl::StrAppend(&element.key.back(), token.text);
      } else {
        element.key.push_back(token.text);
      }
      joined = true;
    }
  }
  end();
  return elements;
}

}  // namespace firebreak::importer
