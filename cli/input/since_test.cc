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

TEST(ParseSince, RefusesWhatIsNeither) {
  for (const char* text : {"", "yesterday", "2026-13-01", "12:00", "-5m", "infinite-past"}) {
    EXPECT_FALSE(ParseSince(text, kNow).ok()) << text;
  }
}

}  // namespace
}  // namespace firebreak::cli
