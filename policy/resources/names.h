// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_NAMES_H_
#define FIREBREAK_POLICY_RESOURCES_NAMES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace firebreak::policy {

inline constexpr size_t kMaxNameBytes = 63;

// Whether the text is a valid name of a host, resource or mapping:
// [a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])? The checks below return InvalidArgument with a reason that
// can be shown to the user who wrote `text`.
bool IsName(absl::string_view text);
absl::Status CheckName(absl::string_view text);

// Checks a label. The key must be a name; the value may have up to 63 letters, digits, ".", "_" and
// "-".
absl::Status CheckLabel(absl::string_view key, absl::string_view value);

// Checks a name by the kernel's rules: up to 15 bytes (IFNAMSIZ), no space, "/" or ":". With
// `pattern`, it may end in "*".
absl::Status CheckInterfaceName(absl::string_view text, bool pattern);

// Checks a name by RFC 1123, 2.1: labels of letters, digits and "-", up to 253 bytes in total.
absl::Status CheckDnsName(absl::string_view text);

// Returns `text` for messages: in double quotes, cut if it is long, with control characters
// escaped.
std::string Quoted(absl::string_view text);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_NAMES_H_
