// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_TEXT_UTF8_H_
#define FIREBREAK_BASE_TEXT_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak {

// The first character of a text. `bytes` is its length, 0 only for an empty text. A byte that is
// not part of valid UTF-8 (by RFC 3629; overlong forms and surrogates are invalid) is returned
// alone, with `valid` false and the byte as `value`.
struct CodePoint {
  uint32_t value = 0;
  size_t bytes = 0;
  bool valid = false;
};

CodePoint DecodeFirst(absl::string_view text);

// Returns the offset of the first byte that is not UTF-8, or npos if all of `text` is UTF-8.
size_t FindInvalidUtf8(absl::string_view text);

// Returns the bytes with each one that is not UTF-8 written as \\xNN. It turns bytes from the
// kernel, a file or another host into text; different bytes give different texts. Control
// characters stay; Escape makes text safe to show.
std::string ToUtf8(absl::string_view bytes);

// Whether a character reorders the characters around it or breaks the line (Unicode UAX #9, UAX
// #14).
bool MovesText(uint32_t value);

// Escapes C1 controls and characters that move text, which could move or hide text on a terminal.
// The escape \uXXXX is valid both in JSON and in YAML's double quotes.
std::string EscapeUnprintable(absl::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_BASE_TEXT_UTF8_H_
