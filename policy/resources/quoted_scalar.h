#ifndef FIREBREAK_POLICY_RESOURCES_QUOTED_SCALAR_H_
#define FIREBREAK_POLICY_RESOURCES_QUOTED_SCALAR_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::policy {

// What yaml-cpp takes for good, or cannot read, of YAML's quoted scalars (YAML 1.2, 7.3).

struct QuoteFault {
  int line = 0;  // below the one with the opening quote
  std::string reason;
};

// What is wrong with the scalar whose opening quote is `text[open]`: it is never closed, a line of
// it is not indented more than what it belongs to, so that it was meant to be closed before, or
// something follows it that cannot.
std::optional<QuoteFault> CheckQuotes(absl::string_view text, size_t open);

// Whether the text may have escapes that yaml-cpp does not know: "\_", "\N", and characters as
// JSON writes them, in two halves ("\ud83d\ude00").
bool MayHaveForeignEscapes(absl::string_view text);

// The same text, byte for byte as long, with escapes in their place that yaml-cpp does know: only
// to find where its quoted scalars are.
std::string MaskForeignEscapes(absl::string_view text);

// The text with the characters themselves in place of those escapes, in the scalars whose opening
// double quotes are at `opens`, which ascend. The lines stay what they are.
std::string ResolveForeignEscapes(absl::string_view text, std::span<const size_t> opens);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_QUOTED_SCALAR_H_
