// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_QUOTED_SCALAR_H_
#define FIREBREAK_POLICY_RESOURCES_QUOTED_SCALAR_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::policy {

// A fault in a quoted scalar of YAML (YAML 1.2, 7.3) that yaml-cpp accepts or cannot read.

struct QuoteFault {
  int line = 0;  // counted from the line with the opening quote
  std::string reason;
};

// Checks the scalar whose opening quote is `text[open]`. Finds a scalar that is never closed, a
// line that is not indented more than the key or dash that the scalar belongs to (so the closing
// quote was probably forgotten), and wrong text behind the closing quote.
std::optional<QuoteFault> CheckQuotes(absl::string_view text, size_t open);

// Whether the text may have escapes that yaml-cpp does not know: "\_", "\N", and characters that
// JSON writes as two surrogates ("\ud83d\ude00").
bool MayHaveForeignEscapes(absl::string_view text);

// Returns a text of the same length in bytes, with those escapes replaced by ones that yaml-cpp
// knows. The result serves only to find the quoted scalars.
std::string MaskForeignEscapes(absl::string_view text);

// Returns the text with those escapes replaced by their characters, in the scalars whose opening
// double quotes are at `opens`, which must ascend. The text keeps its lines.
std::string ResolveForeignEscapes(absl::string_view text, std::span<const size_t> opens);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_QUOTED_SCALAR_H_
