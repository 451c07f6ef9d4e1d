// SPDX-License-Identifier: Apache-2.0
#include "base/text/escape.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/text/utf8.h"

namespace firebreak {
namespace {

bool IsControl(uint32_t value) { return value < 0x20 || (value >= 0x7f && value < 0xa0); }

void AppendEscaped(const CodePoint& point, std::string& out) {
  if (point.value == '\n') {
    absl::StrAppend(&out, "\\n");
  } else if (point.value == '\t') {
    absl::StrAppend(&out, "\\t");
  } else if (point.value < 0x100) {
    absl::StrAppendFormat(&out, "\\x%02x", point.value);
  } else {
    absl::StrAppendFormat(&out, "\\u{%x}", point.value);
  }
}

std::string EscapeExcept(absl::string_view text, absl::string_view kept) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = DecodeFirst(text);
    const bool keep = point.bytes == 1 && absl::StrContains(kept, text[0]);
    if (!keep && (!point.valid || IsControl(point.value) || MovesText(point.value))) {
      AppendEscaped(point, out);
    } else {
      absl::StrAppend(&out, text.substr(0, point.bytes));
    }
    text.remove_prefix(point.bytes);
  }
  return out;
}

}  // namespace

std::string Escape(absl::string_view text) { return EscapeExcept(text, ""); }

std::string EscapeLines(absl::string_view text) { return EscapeExcept(text, "\n\t"); }

size_t Width(absl::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    text.remove_prefix(DecodeFirst(text).bytes);
    ++width;
  }
  return width;
}

}  // namespace firebreak
