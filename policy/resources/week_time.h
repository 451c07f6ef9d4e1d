// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_WEEK_TIME_H_
#define FIREBREAK_POLICY_RESOURCES_WEEK_TIME_H_

#include <optional>

#include "absl/strings/string_view.h"

namespace firebreak::policy {

// "mon" is 0, "sun" is 6; none: it is no day.
std::optional<int> WeekdayNumber(absl::string_view day);

// Minutes since midnight of "08:30"; "24:00" is the end of the day. None: it is no time.
std::optional<int> MinuteOfDay(absl::string_view time);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_WEEK_TIME_H_
