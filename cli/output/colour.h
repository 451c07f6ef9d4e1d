// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_OUTPUT_COLOUR_H_
#define FIREBREAK_CLI_OUTPUT_COLOUR_H_

#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::cli {

enum class Colour { kNone, kBold, kDim, kRed, kGreen, kYellow, kCyan };

// Puts `text` between the escape sequences of `colour` (ECMA-48 SGR); returns it unchanged if not
// `enabled`.
std::string Paint(absl::string_view text, Colour colour, bool enabled);

// Whether to write colours to a descriptor: it is a terminal that supports them, and NO_COLOR
// (no-color.org) is not set.
bool TakesColours(int descriptor);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_OUTPUT_COLOUR_H_
