// SPDX-License-Identifier: Apache-2.0
#include "base/text/utf8.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace firebreak {
namespace {

// Returns the length of a character whose first byte is `lead`, or 0 if no character begins with
// that byte.
size_t LengthOf(uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

}  // namespace

CodePoint DecodeFirst(absl::string_view text) {
  if (text.empty()) return {};
  const auto lead = static_cast<uint8_t>(text[0]);
  const CodePoint invalid = {.value = lead, .bytes = 1, .valid = false};
  const size_t length = LengthOf(lead);
  if (length == 0 || length > text.size()) return invalid;
  if (length == 1) return {.value = lead, .bytes = 1, .valid = true};
  uint32_t value = lead & (0x7fU >> length);
  for (size_t i = 1; i < length; ++i) {
    const auto next = static_cast<uint8_t>(text[i]);
    if ((next & 0xc0) != 0x80) return invalid;
    value = value << 6 | (next & 0x3f);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (overlong || surrogate || value > 0x10ffff) return invalid;
  return {.value = value, .bytes = length, .valid = true};
}

size_t FindInvalidUtf8(absl::string_view text) {
  size_t offset = 0;
  while (offset < text.size()) {
    const CodePoint point = DecodeFirst(text.substr(offset));
    if (!point.valid) return offset;
    offset += point.bytes;
  }
  return absl::string_view::npos;
}

std::string ToUtf8(absl::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const size_t valid = std::min(FindInvalidUtf8(bytes), bytes.size());
    absl::StrAppend(&text, bytes.substr(0, valid));
    bytes.remove_prefix(valid);
    if (bytes.empty()) break;
    absl::StrAppendFormat(&text, "\\x%02x", static_cast<unsigned char>(bytes[0]));
    bytes.remove_prefix(1);
  }
  return text;
}

bool MovesText(uint32_t value) {
  return value == 0x061c || value == 0x200e || value == 0x200f ||
         (value >= 0x2028 && value <= 0x202e) || (value >= 0x2066 && value <= 0x2069) ||
         value == 0xfeff;
}

std::string EscapeUnprintable(absl::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = DecodeFirst(text);
    const bool control = point.value >= 0x80 && point.value < 0xa0;
    if (point.valid && (control || MovesText(point.value))) {
      absl::StrAppendFormat(&escaped, "\\u%04x", point.value);
    } else {
      absl::StrAppend(&escaped, text.substr(0, point.bytes));
    }
    text.remove_prefix(point.bytes);
  }
  return escaped;
}

}  // namespace firebreak
