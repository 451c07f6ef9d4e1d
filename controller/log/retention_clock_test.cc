// SPDX-License-Identifier: Apache-2.0
#include "controller/log/retention_clock.h"

#include <gtest/gtest.h>

namespace firebreak::controller {
namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1'795'262'400);
constexpr absl::Duration kDay = absl::Hours(24);

TEST(RetentionClock, FollowsAClockThatRunsAsTimePasses) {
  RetentionClock clock;
  absl::Time now = kNow;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(clock.Advance(now, i == 0 ? absl::ZeroDuration() : absl::Minutes(10)), now);
    now += absl::Minutes(10) + absl::Seconds(i % 7);  // the clock is slightly adjusted all the time
  }
}

TEST(RetentionClock, AJumpIsBelievedOnlyWhenItHasLasted) {
  RetentionClock clock(kNow);
  absl::Duration passed;
  for (; passed < RetentionClock::kConfirmation; passed += absl::Minutes(10)) {
    EXPECT_EQ(clock.Advance(kNow + 20 * kDay + passed, absl::Minutes(10)),
              kNow + passed + absl::Minutes(10));
    EXPECT_TRUE(clock.ahead());
    // A restart does not reset the waiting time.
    if (passed == absl::Hours(5)) clock = RetentionClock(clock.believed(), clock.ahead_for());
    if (passed == RetentionClock::kConfirmation - absl::Minutes(20)) break;
  }
  EXPECT_EQ(clock.Advance(kNow + 21 * kDay, absl::Minutes(10)), kNow + 21 * kDay);
  EXPECT_FALSE(clock.ahead());
}

TEST(RetentionClock, AJumpThatIsTakenBackLeavesNothingBehind) {
  RetentionClock clock(kNow);
  EXPECT_EQ(clock.Advance(kNow + 20 * kDay, absl::Minutes(10)), kNow + absl::Minutes(10));
  EXPECT_EQ(clock.Advance(kNow + absl::Minutes(20), absl::Minutes(10)), kNow + absl::Minutes(20));
  EXPECT_FALSE(clock.ahead());
  EXPECT_EQ(clock.ahead_for(), absl::ZeroDuration());
}

TEST(RetentionClock, AClockThatIsSetBackIsBelieved) {
  RetentionClock clock(kNow);
  EXPECT_EQ(clock.Advance(kNow - 20 * kDay, absl::Minutes(10)), kNow - 20 * kDay);
  // Setting the clock right again is a jump too.
  clock.Advance(kNow, absl::Minutes(10));
  EXPECT_TRUE(clock.ahead());
}

}  // namespace
}  // namespace firebreak::controller
