// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_EXPIRY_H_
#define FIREBREAK_POLICY_RESOURCES_EXPIRY_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak::policy {

// Parses a time such as "2027-01-31T18:00Z", with or without seconds, in UTC or with an offset such
// as "+01:00". Returns seconds since 1970, or InvalidArgument with the reason.
absl::StatusOr<int64_t> ParseExpiry(absl::string_view text);

// Returns a text such as "2027-01-31T18:00:00Z".
std::string ExpiryText(int64_t seconds);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_EXPIRY_H_
