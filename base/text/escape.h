#ifndef FIREBREAK_BASE_TEXT_ESCAPE_H_
#define FIREBREAK_BASE_TEXT_ESCAPE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak {

// `text`, which somebody else wrote, as it may be shown on a terminal: nothing in it can move the
// cursor, change colours or reverse the reading direction. C0 and C1 controls and DEL become \n,
// \t or \x1b, bidirectional overrides and line separators \u{202e}, bytes that are not UTF-8 \xff.
std::string Escape(absl::string_view text);

// The same for a text of several lines: line feeds and tabs stay.
std::string EscapeLines(absl::string_view text);

// How many columns an escaped text takes: one for each character.
size_t Width(absl::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_BASE_TEXT_ESCAPE_H_
