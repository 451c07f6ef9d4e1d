// SPDX-License-Identifier: Apache-2.0
#include "policy/import/nft_base.h"

#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace firebreak::importer {
namespace {

// A priority lower than any other hook's.
constexpr int kIngress = -1000;

// Reads priorities such as "filter", "-100", "filter - 5" or "dstnat+10".
int PriorityOf(std::span<const NftToken> words) {
  std::string text;
  for (const NftToken& word : words) {
    if (word.Is(";") || word.Is("\n") || word.Is("policy")) break;
    text += word.text;
  }
  const std::map<std::string, int> names = {{"raw", -300}, {"mangle", -150}, {"dstnat", -100},
                                            {"filter", 0}, {"security", 50}, {"srcnat", 100}};
  int number = 0;
  for (const auto& [name, value] : names) {
    if (!absl::StartsWith(text, name)) continue;
    number = value;
    text = text.substr(name.size());
    break;
  }
  if (!text.empty() && text[0] == '+') text = text.substr(1);
  int more = 0;
  return absl::SimpleAtoi(text, &more) ? number + more : number;
}

}  // namespace

bool ReadNftBase(std::span<const NftToken> words, Base& base) {
  const std::map<std::string, Hook> hooks = {
      {"prerouting", Hook::kPrerouting},   {"input", Hook::kInput},
      {"forward", Hook::kForward},         {"output", Hook::kOutput},
      {"postrouting", Hook::kPostrouting}, {"ingress", Hook::kPrerouting},
      {"egress", Hook::kPostrouting}};
  base.nat = words.size() > 1 && words[1].Is("nat");
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i].Is("hook")) {
      const auto found = hooks.find(words[i + 1].text);
      if (found == hooks.end()) return false;
      base.hook = found->second;
      if (found->first == "ingress") base.priority = kIngress;
    }
    if (words[i].Is("priority")) base.priority += PriorityOf(words.subspan(i + 1));
  }
  return true;
}

}  // namespace firebreak::importer
