// SPDX-License-Identifier: Apache-2.0
#include "policy/import/nft_cursor.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "base/status/status.h"

namespace firebreak::importer {
namespace {

absl::Status CannotSay(absl::string_view why) { return absl::InvalidArgumentError(why); }

uint8_t FlagBits(absl::string_view text) {
  constexpr absl::string_view kNames[] = {"fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr"};
  uint8_t bits = 0;
  for (const absl::string_view word : absl::StrSplit(text, absl::ByAnyChar(",|() "))) {
    for (size_t i = 0; i < std::size(kNames); ++i) {
      if (word == kNames[i]) bits = static_cast<uint8_t>(bits | 1u << i);
    }
  }
  return bits;
}

absl::StatusOr<std::vector<NftElement>> ElementsOf(const std::string& name,
                                                   const NftObjects& objects) {
  const auto found = objects.sets.find(name);
  if (found == objects.sets.end()) return CannotSay(absl::StrCat("there is no set ", name));
  if (found->second.elements.empty() && found->second.dynamic) {
    return CannotSay(
        absl::StrCat("a mapping does not look at what an address did before (set ", name, ")"));
  }
  return found->second.elements;
}

}  // namespace

bool NftCursor::Take(const char* mark) {
  if (!Next(mark)) return false;
  left_ = left_.subspan(1);
  return true;
}

std::string NftCursor::TakeWord() {
  if (left_.empty()) return "";
  std::string word = left_[0].text;
  left_ = left_.subspan(1);
  return word;
}

absl::StatusOr<std::vector<NftElement>> NftCursor::TakeValues(const NftObjects& objects) {
  if (Next("{")) {
    ASSIGN_OR_RETURN(const auto inside, TakeBraces());
    return ReadElements(inside);
  }
  if (left_.empty()) return CannotSay("the rule is cut off");
  if (absl::StartsWith(left_[0].text, "@") && !left_[0].quoted)
    return ElementsOf(TakeWord().substr(1), objects);
  std::vector<NftElement> elements;
  do {
    NftElement element;
    element.key.push_back(TakeWord());
    while (Take(".")) element.key.push_back(TakeWord());
    // The range may have blanks around its dash.
    if (Next("-")) {
      TakeWord();
      element.key.back() += "-" + TakeWord();
    }
    elements.push_back(std::move(element));
  } while (Take(",") || Take("|"));
  return elements;
}

absl::StatusOr<std::span<const NftToken>> NftCursor::TakeBraces() {
  size_t depth = 0;
  for (size_t i = 0; i < left_.size(); ++i) {
    if (left_[i].Is("{")) ++depth;
    if (!left_[i].Is("}") || --depth > 0) continue;
    const auto inside = left_.subspan(1, i - 1);
    left_ = left_.subspan(i + 1);
    return inside;
  }
  return CannotSay("a brace does not end");
}

bool FitsLoneSyn(NftCursor& words) {
  constexpr uint8_t kSyn = 2;
  const bool negated = words.Take("!=");
  const bool exact = words.Take("==");
  const auto flags = [&] {
    std::string text;
    while (!words.left_.empty() && (FlagBits(words.left_[0].text) != 0 || words.Next("(") ||
                                    words.Next(")") || words.Next("|") || words.Next(",") ||
                                    words.Next("{") || words.Next("}") || words.Next("0x0"))) {
      absl::StrAppend(&text, words.TakeWord(), " ");
    }
    return text;
  };
  bool fits = false;
  if (words.Take("&")) {
    const uint8_t mask = FlagBits(flags());
    const bool unequal = words.Take("!=");
    if (!unequal) words.Take("==");
    fits = ((kSyn & mask) == FlagBits(flags())) != unequal;
  } else {
    const bool set = words.Next("{");
    const std::string text = flags();
    const uint8_t bits = FlagBits(text);
    if (words.Take("/")) {
      fits = ((kSyn & FlagBits(flags())) == bits) != negated;
    } else if (set) {
      const std::vector<std::string> items = absl::StrSplit(text, ',');
      fits = std::any_of(items.begin(), items.end(),
                         [](const std::string& item) { return FlagBits(item) == kSyn; }) != negated;
    } else {
      fits = (exact ? bits == kSyn : (kSyn & bits) != 0) != negated;
    }
  }
  return fits;
}

absl::Status TakeNftDestination(bool redirect, NftCursor& words, std::string& address, int& port) {
  if (words.Take("ip") || words.Take("ip6")) words.Take("addr");
  if (words.Take("to")) {
    std::string to = words.TakeWord();
    if (words.Next(":")) {  // "10.0.0.1 : 80"
      words.TakeWord();
      to += ":" + words.TakeWord();
    } else if (!words.left_.empty() && absl::StartsWith(words.left_[0].text, ":")) {
      to += words.TakeWord();
    }
    if (!words.left_.empty() &&
        (words.Next(".") || absl::StartsWith(to, "@") || words.Next("map"))) {
      return CannotSay("`forward_to` sends to one address and one port, not by a map");
    }
    std::string port_text;
    if (redirect || absl::StartsWith(to, ":")) {
      port_text = to.substr(absl::StartsWith(to, ":") ? 1 : 0);
    } else if (absl::StartsWith(to, "[")) {
      const size_t end = to.find(']');
      address = to.substr(1, end == std::string::npos ? end : end - 1);
      if (end != std::string::npos && end + 2 < to.size()) port_text = to.substr(end + 2);
    } else if (std::count(to.begin(), to.end(), ':') == 1) {
      address = to.substr(0, to.find(':'));
      port_text = to.substr(to.find(':') + 1);
    } else {
      address = to;
    }
    if (absl::StrContains(address, '-') || absl::StrContains(port_text, '-') ||
        (!port_text.empty() && !absl::SimpleAtoi(port_text, &port))) {
      return CannotSay("`forward_to` sends to one address and one port, not to one of several");
    }
  }
  return absl::OkStatus();
}

}  // namespace firebreak::importer
