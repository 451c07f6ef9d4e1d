// SPDX-License-Identifier: Apache-2.0
#include "cli/output/colour.h"

#include <stdlib.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace firebreak::cli {
namespace {

absl::string_view Sequence(Colour colour) {
  switch (colour) {
    case Colour::kNone: return "";
    case Colour::kBold: return "\033[1m";
    case Colour::kDim: return "\033[2m";
    case Colour::kRed: return "\033[31m";
    case Colour::kGreen: return "\033[32m";
    case Colour::kYellow: return "\033[33m";
    case Colour::kCyan: return "\033[36m";
  }
  return "";
}

}  // namespace

std::string Paint(absl::string_view text, Colour colour, bool enabled) {
  if (!enabled || colour == Colour::kNone || text.empty()) return std::string(text);
  return absl::StrCat(Sequence(colour), text, "\033[0m");
}

bool TakesColours(int descriptor) {
  if (isatty(descriptor) == 0) return false;
  const char* no_color = getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* terminal = getenv("TERM");
  return terminal != nullptr && absl::string_view(terminal) != "dumb";
}

}  // namespace firebreak::cli
