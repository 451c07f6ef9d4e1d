#ifndef FIREBREAK_POLICY_RESOURCES_NAMES_H_
#define FIREBREAK_POLICY_RESOURCES_NAMES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace firebreak::policy {

inline constexpr size_t kMaxNameBytes = 63;

// Each check is OK or InvalidArgument with the reason, ready to be shown to whoever wrote `text`.

// Of hosts, resources and mappings: [a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?
bool IsName(absl::string_view text);
absl::Status CheckName(absl::string_view text);

// A label's key is a name; its value up to 63 letters, digits, ".", "_" and "-", or nothing.
absl::Status CheckLabel(absl::string_view key, absl::string_view value);

// As the kernel takes it: up to 15 bytes (IFNAMSIZ), no space, "/" or ":". With `pattern`, it may
// end in "*".
absl::Status CheckInterfaceName(absl::string_view text, bool pattern);

// RFC 1123, 2.1: labels of letters, digits and "-", up to 253 bytes in all.
absl::Status CheckDnsName(absl::string_view text);

// `text` in double quotes, cut if it is long, its control characters escaped: for messages.
std::string Quoted(absl::string_view text);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_NAMES_H_
