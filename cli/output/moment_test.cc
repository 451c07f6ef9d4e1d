// SPDX-License-Identifier: Apache-2.0
#include "cli/output/moment.h"

#include <limits>

#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

google::protobuf::Timestamp At(int64_t seconds) {
  google::protobuf::Timestamp time;
  time.set_seconds(seconds);
  return time;
}

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

TEST(Moment, SaysWhenAndHowLongAgo) {
  EXPECT_EQ(Moment(At(1'799'999'800), kNow), "2027-01-15 07:56:40 UTC (3 min ago)");
  EXPECT_EQ(Moment(At(1'800'000'000), kNow), "2027-01-15 08:00:00 UTC (now)");
  EXPECT_EQ(Moment(At(1'800'000'030), kNow), "2027-01-15 08:00:30 UTC (now)");
  EXPECT_EQ(Moment(At(1'800'007'200), kNow), "2027-01-15 10:00:00 UTC (in 2 h)");
}

TEST(Moment, TimesThatAreNone) {
  EXPECT_EQ(Moment(At(0), kNow), "never");
  EXPECT_EQ(Moment(At(std::numeric_limits<int64_t>::max()), kNow), "unknown");
  EXPECT_EQ(Moment(At(std::numeric_limits<int64_t>::min()), kNow), "unknown");
}

TEST(Rough, LargestUnit) {
  EXPECT_EQ(Rough(absl::Seconds(59)), "59 s");
  EXPECT_EQ(Rough(absl::Minutes(59)), "59 min");
  EXPECT_EQ(Rough(absl::Hours(47)), "47 h");
  EXPECT_EQ(Rough(absl::Hours(72)), "3 days");
}

TEST(Micros, UnitByMagnitude) {
  EXPECT_EQ(Micros(380), "380 µs");
  EXPECT_EQ(Micros(4'210), "4.2 ms");
  EXPECT_EQ(Micros(1'300'000), "1.3 s");
}

}  // namespace
}  // namespace firebreak::cli
