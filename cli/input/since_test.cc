// SPDX-License-Identifier: Apache-2.0
#include "cli/input/since.h"

#include <gtest/gtest.h>

namespace firebreak::cli {
namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1'795'262'400);  // 2026-11-21 12:00:00 UTC

TEST(ParseSince, TakesLengthsAndTimes) {
  EXPECT_EQ(*ParseSince("15m", kNow), kNow - absl::Minutes(15));
  EXPECT_EQ(*ParseSince("2026-11-21", kNow), kNow - absl::Hours(12));
  EXPECT_EQ(*ParseSince("2026-11-21 11:30", kNow), kNow - absl::Minutes(30));
  EXPECT_EQ(*ParseSince("2026-11-21T11:59:59.5Z", kNow), kNow - absl::Milliseconds(500));
  EXPECT_EQ(*ParseSince("2026-11-21T13:00:00+01:00", kNow), kNow);
}

TEST(ParseSince, TakesTimesAsPeopleWriteThem) {
  EXPECT_EQ(*ParseSince("2w", kNow), kNow - absl::Hours(14 * 24));
  EXPECT_EQ(*ParseSince("2026-11-21T11:30", kNow), kNow - absl::Minutes(30));
  EXPECT_EQ(*ParseSince("11:30", kNow), kNow - absl::Minutes(30));
  EXPECT_EQ(*ParseSince("11:59:59", kNow), kNow - absl::Seconds(1));
  // It is earlier than that today, so the time is yesterday's.
  EXPECT_EQ(*ParseSince("13:00", kNow), kNow - absl::Hours(23));
  const absl::TimeZone zone = *ParseZone("+01:00");
  EXPECT_EQ(*ParseSince("13:00", kNow, zone), kNow);
  EXPECT_EQ(*ParseSince("2026-11-21 13:00", kNow, zone), kNow);
  EXPECT_EQ(*ParseSince("12:00Z", kNow, zone), kNow);
  EXPECT_EQ(*ParseSince("2026-11-21T13:00+01:00", kNow), kNow);
}

TEST(ParseZone, TakesNamesAndOffsets) {
  EXPECT_EQ(*ParseZone("UTC"), absl::UTCTimeZone());
  EXPECT_EQ(*ParseZone("local"), absl::LocalTimeZone());
  EXPECT_EQ(absl::ToCivilHour(kNow, *ParseZone("-05:30")).hour(), 6);
  EXPECT_FALSE(ParseZone("Nowhere/Town").ok());
}

TEST(ParseSince, RefusesWhatIsNeither) {
  for (const char* text : {"", "yesterday", "2026-13-01", "25:00", "0w", "-5m", "infinite-past"}) {
    EXPECT_FALSE(ParseSince(text, kNow).ok()) << text;
  }
}

}  // namespace
}  // namespace firebreak::cli
