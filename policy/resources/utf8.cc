#include "policy/resources/utf8.h"

#include <cstdint>

#include "absl/strings/str_format.h"

namespace firebreak::policy {
namespace {

// What the second byte of a character may be, which is where overlong forms, surrogates and what
// lies beyond U+10FFFF are told apart.
struct Second {
  uint8_t least;
  uint8_t most;
};

Second SecondAfter(uint8_t lead) {
  switch (lead) {
    case 0xe0: return {0xa0, 0xbf};
    case 0xed: return {0x80, 0x9f};
    case 0xf0: return {0x90, 0xbf};
    case 0xf4: return {0x80, 0x8f};
    default: return {0x80, 0xbf};
  }
}

size_t LengthAfter(uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

}  // namespace

size_t FindInvalidUtf8(absl::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<uint8_t>(text[at]);
    const size_t length = LengthAfter(lead);
    if (length == 0 || length > text.size() - at) return at;
    for (size_t i = 1; i < length; ++i) {
      const auto byte = static_cast<uint8_t>(text[at + i]);
      const Second allowed = i == 1 ? SecondAfter(lead) : Second{0x80, 0xbf};
      if (byte < allowed.least || byte > allowed.most) return at;
    }
    at += length;
  }
  return absl::string_view::npos;
}

namespace {

bool IsUnprintable(uint32_t point) {
  return (point >= 0x80 && point < 0xa0) || point == 0x061c || point == 0x200e || point == 0x200f ||
         (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) ||
         point == 0xfeff;
}

}  // namespace

std::string EscapeUnprintable(absl::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](size_t ahead) {
      return i + ahead < text.size() ? static_cast<uint8_t>(text[i + ahead]) : 0u;
    };
    // All of them take two or three bytes.
    const size_t length = (byte(0) & 0xe0) == 0xc0 ? 2 : (byte(0) & 0xf0) == 0xe0 ? 3 : 1;
    const uint32_t point = length == 2 ? (byte(0) & 0x1f) << 6 | (byte(1) & 0x3f)
                           : length == 3
                               ? (byte(0) & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f)
                               : 0;
    if (IsUnprintable(point)) {
      absl::StrAppendFormat(&escaped, "\\u%04x", point);
      i += length - 1;
    } else {
      escaped.push_back(text[i]);
    }
  }
  return escaped;
}

}  // namespace firebreak::policy
