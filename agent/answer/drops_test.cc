// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/drops.h"

#include "gtest/gtest.h"

namespace firebreak::agent {
namespace {

TEST(DescribeDrops, TellsOfDroppedPacketsAlone) {
  const v1::Answer answer = DescribeDrops(
      {{"drop.blocked", 3}, {"drop.unsolicited", 0}, {"observe.unsolicited", 7}, {"other", 9}});
  ASSERT_EQ(answer.drops().counts_size(), 2);
  EXPECT_EQ(answer.drops().counts(0).reason(), "blocked");
  EXPECT_EQ(answer.drops().counts(0).packets(), 3u);
  EXPECT_EQ(answer.drops().counts(1).reason(), "unsolicited");
}

}  // namespace
}  // namespace firebreak::agent
