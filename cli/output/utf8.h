#ifndef FIREBREAK_CLI_OUTPUT_UTF8_H_
#define FIREBREAK_CLI_OUTPUT_UTF8_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace firebreak::cli {

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

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_OUTPUT_UTF8_H_
