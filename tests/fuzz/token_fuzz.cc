// SPDX-License-Identifier: Apache-2.0

// Enrolment tokens: every text that is accepted must be the text that encoding the token gives.

#include <string>

#include "absl/strings/ascii.h"
#include "proto/endpoint/token.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto token = firebreak::DecodeToken(text);
  if (token.ok() && firebreak::EncodeToken(*token) != absl::StripAsciiWhitespace(text)) {
    __builtin_trap();
  }
  return 0;
}
