#ifndef FIREBREAK_BASE_TEXT_UTF8_H_
#define FIREBREAK_BASE_TEXT_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak {

// The first character of a text. `bytes` is how many it takes, 0 only for an empty text. Bytes
// that are not UTF-8 (RFC 3629: overlong forms and surrogates are not) come one at a time, with
// `valid` false and the byte as `value`.
struct CodePoint {
  uint32_t value = 0;
  size_t bytes = 0;
  bool valid = false;
};

CodePoint DecodeFirst(absl::string_view text);

// The offset of the first byte that is not UTF-8; npos: the whole text is.
size_t FindInvalidUtf8(absl::string_view text);

// The text with each byte that is not UTF-8 written as \\xNN; what the kernel, a file or another
// host supplies becomes text so, and different bytes become different texts. Control characters
// stay: see Escape for what is shown.
std::string ToUtf8(absl::string_view bytes);

// Whether a character reorders or breaks what stands around it (Unicode UAX #9, UAX #14).
bool MovesText(uint32_t value);

// Writes as \uXXXX, which both JSON and YAML's double quotes know, what could move or hide text on
// a terminal: C1 controls, and characters that move text. The rest stays.
std::string EscapeUnprintable(absl::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_BASE_TEXT_UTF8_H_
