// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/week_time.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"

namespace firebreak::policy {

std::optional<int> WeekdayNumber(absl::string_view day) {
  constexpr absl::string_view kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  const auto found = std::find(std::begin(kDays), std::end(kDays), day);
  if (found == std::end(kDays)) return std::nullopt;
  return static_cast<int>(found - std::begin(kDays));
}

std::optional<int> MinuteOfDay(absl::string_view time) {
  constexpr int kHour = 60, kDay = 24 * kHour;
  const auto is_digit = [&](size_t i) { return absl::ascii_isdigit(time[i]); };
  if (time.size() != 5 || time[2] != ':' || !is_digit(0) || !is_digit(1) || !is_digit(3) ||
      !is_digit(4)) {
    return std::nullopt;
  }
  const auto digit = [&](size_t i) { return time[i] - '0'; };
  const int minutes = digit(3) * 10 + digit(4);
  const int all = (digit(0) * 10 + digit(1)) * kHour + minutes;
  if (minutes >= kHour || all > kDay) return std::nullopt;
  return all;
}

}  // namespace firebreak::policy
