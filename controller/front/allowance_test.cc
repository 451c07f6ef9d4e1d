// SPDX-License-Identifier: Apache-2.0
#include "controller/front/allowance.h"

#include <gtest/gtest.h>

namespace firebreak::controller {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Allowance::Rate kRate = {10, 5};

TEST(Allowance, IsSpentAtOnceAndComesBackWithTime) {
  Allowance::Clock::time_point now{};
  Allowance allowance(kRate, now);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(allowance.Spend(kRate, now));
  EXPECT_FALSE(allowance.Spend(kRate, now));
  now += milliseconds(200);
  EXPECT_TRUE(allowance.Spend(kRate, now));
  EXPECT_FALSE(allowance.Spend(kRate, now));
  now += seconds(1000);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(allowance.Spend(kRate, now));
  EXPECT_FALSE(allowance.Spend(kRate, now));
}

TEST(Allowance, WhoOwesWaitsUntilItIsPaid) {
  Allowance::Clock::time_point now{};
  Allowance allowance(kRate, now);
  EXPECT_EQ(allowance.Owe(kRate, 10, now), Allowance::Clock::duration::zero());
  EXPECT_EQ(allowance.Owe(kRate, 10, now), seconds(2));
  now += seconds(1);
  EXPECT_EQ(allowance.Owe(kRate, 0, now), seconds(1));
  now += seconds(1);
  EXPECT_EQ(allowance.Owe(kRate, 0, now), Allowance::Clock::duration::zero());
}

}  // namespace
}  // namespace firebreak::controller
