// SPDX-License-Identifier: Apache-2.0
#include "policy/rollout/windows.h"

#include <algorithm>
#include <optional>

#include "policy/resources/week_time.h"

namespace firebreak::policy {
namespace {

constexpr int kDays = 7;

bool HoldsOn(const v1::RolloutWindow& window, int weekday) {
  return window.days().empty() ||
         std::any_of(window.days().begin(), window.days().end(),
                     [&](const std::string& day) { return WeekdayNumber(day) == weekday; });
}

bool IsOpen(const v1::RolloutWindow& window, int weekday, int minute) {
  const std::optional<int> from = MinuteOfDay(window.from()), to = MinuteOfDay(window.to());
  if (!from.has_value() || !to.has_value()) return false;
  if (*from < *to) return HoldsOn(window, weekday) && *from <= minute && minute < *to;
  // A window over midnight belongs to the day on which it begins.
  return (HoldsOn(window, weekday) && *from <= minute) ||
         (HoldsOn(window, (weekday + kDays - 1) % kDays) && minute < *to);
}

}  // namespace

bool IsWindowOpen(const v1::RolloutStrategy& strategy, absl::Time now) {
  if (strategy.windows().empty()) return true;
  const absl::CivilMinute minute = absl::ToCivilMinute(now, absl::UTCTimeZone());
  const int weekday = static_cast<int>(absl::GetWeekday(minute));  // Monday is 0
  return std::any_of(strategy.windows().begin(), strategy.windows().end(),
                     [&](const v1::RolloutWindow& window) {
                       return IsOpen(window, weekday, minute.hour() * 60 + minute.minute());
                     });
}

}  // namespace firebreak::policy
