// SPDX-License-Identifier: Apache-2.0
#include "proto/log/interned_strings.h"

namespace firebreak {
namespace {

constexpr char kDigits[] = "0123456789abcdef";

bool IsPlain(unsigned char byte) { return byte > 0x20 && byte < 0x7f; }

}  // namespace

uint16_t InternedStrings::Intern(absl::string_view raw) {
  if (raw.empty()) return 0;
  if (const auto found = numbers_.find(raw); found != numbers_.end()) return found->second;
  if (texts_.size() >= kMaxStrings) return 0;
  std::string text;
  for (const char character : raw) {
    const auto byte = static_cast<unsigned char>(character);
    if (text.size() + 4 > kMaxBytes) break;
    if (IsPlain(byte) && byte != '\\') {
      text.push_back(character);
    } else {
      text.append({'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]});
    }
  }
  const auto number = static_cast<uint16_t>(texts_.size());
  texts_.push_back(std::move(text));
  numbers_.emplace(std::string(raw), number);
  return number;
}

bool InternedStrings::Take(absl::string_view text) {
  if (texts_.size() >= kMaxStrings || text.size() > kMaxBytes) return false;
  for (const char character : text) {
    if (!IsPlain(static_cast<unsigned char>(character))) return false;
  }
  texts_.emplace_back(text);
  return true;
}

void InternedStrings::Clear() {
  texts_.resize(1);
  numbers_.clear();
}

}  // namespace firebreak
