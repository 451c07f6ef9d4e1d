#include "cli/output/utf8.h"

namespace firebreak::cli {
namespace {

// How many bytes a character takes that begins with `lead`; 0: none begins so.
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

}  // namespace firebreak::cli
