// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_RATE_H_
#define FIREBREAK_POLICY_RESOURCES_RATE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak::policy {

struct Rate {
  uint64_t count = 0;    // 1 to 1,000,000
  uint64_t seconds = 0;  // a second, a minute, an hour or a day
  friend bool operator==(const Rate&, const Rate&) = default;
};

// Parses a rate such as "10/minute"; units may be shortened: "10/min", "10/m", "5/h". Returns
// InvalidArgument with the reason.
absl::StatusOr<Rate> ParseRate(absl::string_view text);

// Returns a text such as "10/minute".
std::string RateText(const Rate& rate);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_RATE_H_
