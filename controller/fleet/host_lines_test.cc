// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/host_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firebreak::controller {
namespace {

using testing::HasSubstr;
using testing::Optional;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

TEST(HostLines, AHostThatMakesManyLinesIsCutOffAndTheOthersAreNot) {
  HostLines lines;
  int written = 0;
  for (int i = 0; i < 1000; ++i) written += lines.Line("web1", " x", kNow).has_value() ? 1 : 0;
  EXPECT_EQ(written, HostLines::kLines);
  EXPECT_THAT(lines.Line("web2", " is online", kNow), Optional(std::string("host web2 is online")));
  EXPECT_THAT(lines.Line("web1", " x", kNow + HostLines::kWindow),
              Optional(std::string("host web1 x (970 more lines of it were left out)")));
  EXPECT_THAT(lines.Line("web1", " x", kNow + HostLines::kWindow),
              Optional(std::string("host web1 x")));
}

TEST(HostLines, ALongLineIsCut) {
  HostLines lines;
  const auto line = lines.Line("web1", std::string(1 << 20, 'x'), kNow);
  ASSERT_TRUE(line.has_value());
  EXPECT_LT(line->size(), 2 * HostLines::kBytes);
  EXPECT_THAT(*line, HasSubstr("bytes more"));
}

TEST(HostLines, AClockThatIsSetBackBeginsANewWindow) {
  HostLines lines;
  for (int i = 0; i < 1000; ++i) lines.Line("web1", " x", kNow);
  EXPECT_TRUE(lines.Line("web1", " x", kNow - absl::Hours(24)).has_value());
}

}  // namespace
}  // namespace firebreak::controller
