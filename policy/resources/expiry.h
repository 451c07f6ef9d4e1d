// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_EXPIRY_H_
#define FIREBREAK_POLICY_RESOURCES_EXPIRY_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak::policy {

// A moment as people write it: "2027-01-31T18:00Z", with seconds or without, in UTC or with an
// offset as "+01:00". Seconds since 1970; InvalidArgument with the reason.
absl::StatusOr<int64_t> ParseExpiry(absl::string_view text);

// "2027-01-31T18:00:00Z".
std::string ExpiryText(int64_t seconds);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_EXPIRY_H_
