// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/renewal_schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace firebreak::agent {
namespace {

constexpr absl::Duration kMonth = absl::Hours(24 * 30);
constexpr absl::Duration kDay = absl::Hours(24);
const absl::Time kTrue = absl::FromUnixSeconds(1'800'000'000);

// A host, its controller, and the offsets of their clocks from the true time, in simulated time.
struct World {
  absl::Duration host_offset;
  absl::Duration controller_offset;
  bool controller_answers = true;
  std::mt19937_64 random{7};
  absl::Time now = kTrue;
  Identity identity = Issue();
  RenewalSchedule schedule{identity, random};
  int attempts = 0;
  absl::Duration shortest = absl::InfiniteDuration();

  Identity Issue() const {
    Identity issued;
    issued.not_before = now + controller_offset - absl::Minutes(5);
    issued.not_after = now + controller_offset + kMonth;
    issued.obtained = now + host_offset;
    return issued;
  }

  void Wait(absl::Duration pause) {
    shortest = std::min(shortest, pause);
    now += pause;
  }

  // Runs the schedule in the way that the Renewer does.
  void RunFor(absl::Duration time) {
    const absl::Time end = now + time;
    Wait(schedule.Pause(identity, now + host_offset));
    while (now < end) {
      if (!schedule.Due(identity, now + host_offset)) {
        Wait(schedule.Pause(identity, now + host_offset));
        continue;
      }
      ++attempts;
      if (!controller_answers) {
        Wait(schedule.PauseAfterFailure(random));
        continue;
      }
      identity = Issue();
      schedule = RenewalSchedule(identity, random);
      Wait(schedule.Pause(identity, now + host_offset));
    }
  }
};

TEST(RenewalSchedule, AMonthsCertificateIsRenewedTwiceAMonthWhateverTheClocksShow) {
  for (const absl::Duration host :
       {-10'000 * kDay, -40 * kDay, absl::ZeroDuration(), 20 * kDay, 60 * kDay, 10'000 * kDay}) {
    for (const absl::Duration controller : {-60 * kDay, absl::ZeroDuration(), 60 * kDay}) {
      World world{.host_offset = host, .controller_offset = controller};
      world.RunFor(300 * kDay);
      EXPECT_GE(world.attempts, 18) << host << " " << controller;
      EXPECT_LE(world.attempts, 20) << host << " " << controller;
      EXPECT_GE(world.shortest, absl::Minutes(30)) << host << " " << controller;
    }
  }
}

TEST(RenewalSchedule, AClockThatIsSetWhileTheCertificateLivesCostsOneRenewalMore) {
  for (const absl::Duration by : {-60 * kDay, -20 * kDay, 20 * kDay, 60 * kDay}) {
    World world{.host_offset = -by};
    world.RunFor(kDay);
    world.host_offset = absl::ZeroDuration();
    world.RunFor(13 * kDay);
    EXPECT_LE(world.attempts, 1) << by;
    world.RunFor(30 * kDay);
    EXPECT_GE(world.attempts, 2) << by;
    EXPECT_LE(world.attempts, 4) << by;
  }
}

TEST(RenewalSchedule, ACertificateOfAControllerThatIsAheadIsRenewedByAHostThatForgotWhenItCame) {
  World world{.controller_offset = 60 * kDay};
  world.identity.obtained = absl::InfinitePast();
  world.controller_offset = absl::ZeroDuration();
  world.RunFor(2 * kDay);
  EXPECT_EQ(world.attempts, 1);
}

TEST(RenewalSchedule, FailuresAreRepeatedWithGrowingPausesUpToABound) {
  World world{.controller_answers = false};
  world.RunFor(30 * kDay);
  EXPECT_GE(world.shortest, absl::Seconds(30));
  // When renewal fails for long, there is an attempt every 30 to 60 minutes.
  EXPECT_GT(world.attempts, 14 * 24);
  EXPECT_LT(world.attempts, 16 * 24 * 2 + 20);
}

TEST(RenewalSchedule, HostsThatEnrolledTogetherDoNotRenewTogether) {
  World world{};
  std::vector<absl::Duration> due;
  for (int host = 0; host < 100; ++host) {
    const RenewalSchedule schedule(world.identity, world.random);
    absl::Duration after = kMonth / 2 - kDay;
    while (!schedule.Due(world.identity, kTrue + after)) after += absl::Minutes(1);
    due.push_back(after);
  }
  std::sort(due.begin(), due.end());
  EXPECT_GE(due.front(), kMonth / 2);
  EXPECT_GT(due[75] - due[25], absl::Hours(4));
}

TEST(RenewalSchedule, ACertificateOfSecondsIsRenewedWithinThem) {
  World world{};
  world.identity.not_before = kTrue - absl::Seconds(1);
  world.identity.not_after = kTrue + absl::Seconds(16);
  const RenewalSchedule schedule(world.identity, world.random);
  EXPECT_LT(schedule.Pause(world.identity, kTrue), absl::Seconds(11));
  EXPECT_TRUE(schedule.Due(world.identity, kTrue + absl::Seconds(11)));
}

}  // namespace
}  // namespace firebreak::agent
