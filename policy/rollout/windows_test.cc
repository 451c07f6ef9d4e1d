// SPDX-License-Identifier: Apache-2.0
#include "policy/rollout/windows.h"

#include <gtest/gtest.h>

namespace firebreak::policy {
namespace {

// 2026-11-30 is a Monday.
absl::Time At(int day, int hour, int minute) {
  return absl::FromCivil(absl::CivilMinute(2026, 11, day, hour, minute), absl::UTCTimeZone());
}

v1::RolloutStrategy Window(const std::string& from, const std::string& to,
                           const std::vector<std::string>& days = {}) {
  v1::RolloutStrategy strategy;
  v1::RolloutWindow& window = *strategy.add_windows();
  window.set_from(from);
  window.set_to(to);
  window.mutable_days()->Assign(days.begin(), days.end());
  return strategy;
}

TEST(Windows, AnyTimeUnlessOneIsGiven) { EXPECT_TRUE(IsWindowOpen({}, At(30, 3, 0))); }

TEST(Windows, OpenFromAndCloseAtTheMinute) {
  const v1::RolloutStrategy office = Window("08:30", "17:00");
  EXPECT_FALSE(IsWindowOpen(office, At(30, 8, 29)));
  EXPECT_TRUE(IsWindowOpen(office, At(30, 8, 30)));
  EXPECT_TRUE(IsWindowOpen(office, At(30, 16, 59)));
  EXPECT_FALSE(IsWindowOpen(office, At(30, 17, 0)));
}

TEST(Windows, HoldOnTheirDays) {
  const v1::RolloutStrategy mondays = Window("08:00", "24:00", {"mon"});
  EXPECT_TRUE(IsWindowOpen(mondays, At(30, 23, 59)));
  EXPECT_FALSE(IsWindowOpen(mondays, At(29, 12, 0)));
}

TEST(Windows, MayGoOverMidnight) {
  const v1::RolloutStrategy night = Window("22:00", "04:00", {"sun"});
  EXPECT_TRUE(IsWindowOpen(night, At(29, 23, 0)));
  EXPECT_TRUE(IsWindowOpen(night, At(30, 3, 59)));
  EXPECT_FALSE(IsWindowOpen(night, At(30, 4, 0)));
  EXPECT_FALSE(IsWindowOpen(night, At(29, 3, 0)));
  EXPECT_FALSE(IsWindowOpen(night, At(30, 23, 0)));
}

}  // namespace
}  // namespace firebreak::policy
