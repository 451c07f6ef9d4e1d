#ifndef FIREBREAK_POLICY_RESOURCES_UTF8_H_
#define FIREBREAK_POLICY_RESOURCES_UTF8_H_

#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::policy {

// The offset of the first byte that is not part of UTF-8 (RFC 3629); npos: all of it is.
size_t FindInvalidUtf8(absl::string_view text);

// Writes as \uXXXX, which both JSON and YAML's double quotes know, what could move or hide text on
// a terminal: C1 controls, and characters that reorder or break lines (Unicode UAX #9, UAX #14).
// The rest stays. `text` is UTF-8.
std::string EscapeUnprintable(absl::string_view text);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_UTF8_H_
