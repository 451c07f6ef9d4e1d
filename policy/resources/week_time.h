// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_WEEK_TIME_H_
#define FIREBREAK_POLICY_RESOURCES_WEEK_TIME_H_

#include <optional>

#include "absl/strings/string_view.h"

namespace firebreak::policy {

// Returns 0 for "mon" to 6 for "sun"; none if the text is no day.
std::optional<int> WeekdayNumber(absl::string_view day);

// Returns the minutes since midnight of "08:30"; "24:00" is the end of the day. Returns none if the
// text is no time.
std::optional<int> MinuteOfDay(absl::string_view time);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_WEEK_TIME_H_
