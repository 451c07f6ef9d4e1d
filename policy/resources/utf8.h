#ifndef FIREBREAK_POLICY_RESOURCES_UTF8_H_
#define FIREBREAK_POLICY_RESOURCES_UTF8_H_

#include "absl/strings/string_view.h"

namespace firebreak::policy {

// The offset of the first byte that is not part of UTF-8 (RFC 3629); npos: all of it is.
size_t FindInvalidUtf8(absl::string_view text);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_UTF8_H_
