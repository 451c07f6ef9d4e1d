// SPDX-License-Identifier: Apache-2.0
#include "cli/input/duration.h"

#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

TEST(ParseDuration, UnitsAndSums) {
  EXPECT_EQ(*ParseDuration("30s"), absl::Seconds(30));
  EXPECT_EQ(*ParseDuration("1h"), absl::Hours(1));
  EXPECT_EQ(*ParseDuration("1h30m"), absl::Minutes(90));
  EXPECT_EQ(*ParseDuration("1.5s"), absl::Milliseconds(1500));
  EXPECT_EQ(*ParseDuration("7d"), absl::Hours(168));
  EXPECT_EQ(*ParseDuration("1d12h"), absl::Hours(36));
}

TEST(ParseDuration, RefusesWhatIsNoLengthOfTime) {
  for (const char* text : {"", "30", "0", "0s", "-5s", "inf", "d", "-1d", "1d-5s", "1.5d", "1d1d",
                           "5 m", "1h;rm", "1y"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
  EXPECT_EQ(ParseDuration("30").status().message(),
            "'30' is not a length of time; write for example 30s, 5m, 1h30m or 7d");
}

}  // namespace
}  // namespace firebreak::cli
