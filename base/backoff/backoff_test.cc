// SPDX-License-Identifier: Apache-2.0
#include "base/backoff/backoff.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace firebreak {
namespace {

TEST(Backoff, DoublesFromTheFloorToTheBound) {
  std::mt19937 random(1);
  Backoff backoff(absl::Seconds(1), absl::Seconds(10));
  for (const int longest : {1, 2, 4, 8, 10, 10, 10}) {
    const absl::Duration pause = backoff.Next(random);
    EXPECT_GE(pause, absl::Seconds(longest) / 2);
    EXPECT_LE(pause, absl::Seconds(longest));
  }
}

TEST(Backoff, BeginsAgainAfterASuccess) {
  std::mt19937 random(1);
  Backoff backoff(absl::Seconds(1), absl::Minutes(1));
  for (int i = 0; i < 20; ++i) backoff.Next(random);
  EXPECT_TRUE(backoff.failing());
  backoff.Reset();
  EXPECT_FALSE(backoff.failing());
  EXPECT_LE(backoff.Next(random), absl::Seconds(1));
}

TEST(Backoff, SpreadsThoseWhoFailedTogether) {
  std::mt19937 random(1);
  std::set<absl::Duration> pauses;
  for (int i = 0; i < 100; ++i) {
    pauses.insert(Backoff(absl::Seconds(1), absl::Minutes(1)).Next(random));
  }
  EXPECT_GT(pauses.size(), 90u);
}

}  // namespace
}  // namespace firebreak
