// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_TEXT_ESCAPE_H_
#define FIREBREAK_BASE_TEXT_ESCAPE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak {

// Returns `text`, which may come from anybody, in a form that is safe to show on a terminal: it
// cannot move the cursor, change colours or reverse the reading direction. C0 and C1 controls and
// DEL become \n, \t or \x1b, bidirectional overrides and line separators \u{202e}, bytes that are
// not UTF-8 \xff.
std::string Escape(absl::string_view text);

// The same for a text of several lines: line feeds and tabs are kept.
std::string EscapeLines(absl::string_view text);

// The number of columns that an escaped text takes on a terminal: one for each character.
size_t Width(absl::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_BASE_TEXT_ESCAPE_H_
