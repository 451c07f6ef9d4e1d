// SPDX-License-Identifier: Apache-2.0
#include "policy/import/nft_match.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "base/status/status.h"
#include "policy/import/words.h"

namespace firebreak::importer {
namespace {

absl::Status CannotSay(absl::string_view why) { return absl::InvalidArgumentError(why); }

}  // namespace

absl::StatusOr<Match> OneKey(const NftKeyWords& key, const std::vector<NftElement>& elements,
                             bool inverted) {
  std::vector<std::string> values;
  for (const NftElement& element : elements) {
    if (element.key.size() != 1) return CannotSay("the set is of another kind");
    values.push_back(element.key[0]);
  }
  return inverted ? MatchAllBut(key, values) : MatchOf(key, values);
}

absl::StatusOr<Match> Concatenated(const std::vector<NftKeyWords>& keys,
                                   const NftElement& element) {
  if (element.key.size() != keys.size()) return CannotSay("the set is of another kind");
  Match match;
  for (size_t i = 0; i < keys.size(); ++i) {
    ASSIGN_OR_RETURN(const Match one, MatchOf(keys[i], {element.key[i]}));
    const auto both = Intersect(match, one);
    if (both.has_value()) match = *both;
  }
  return match;
}

absl::StatusOr<Rate> TakeNftRate(NftCursor& words) {
  words.Take("rate");
  const bool above = words.Take("over");
  std::string text = words.TakeWord();
  // A rate may be two words or three: "10 / minute", "10 mbytes/second".
  if (!absl::StrContains(text, '/') && !words.left_.empty()) text += words.TakeWord();
  if (absl::EndsWith(text, "/") && !words.left_.empty()) text += words.TakeWord();
  if (absl::StrContains(text, "bytes")) return CannotSay("a mapping counts flows, not bytes");
  ASSIGN_OR_RETURN(Rate rate, ParseRateWord(text));
  rate.above = above;
  if (words.Take("burst")) {
    if (!absl::SimpleAtoi(words.TakeWord(), &rate.burst))
      return CannotSay("the burst is no number");
    if (!words.Take("packets") && words.Take("bytes"))
      return CannotSay("a mapping counts flows, not bytes");
  }
  return rate;
}

}  // namespace firebreak::importer
