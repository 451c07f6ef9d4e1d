// SPDX-License-Identifier: Apache-2.0
#include "controller/front/strangers.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace firebreak::controller {
namespace {

TEST(Strangers, ThereIsRoomUntilTheLimit) {
  Strangers strangers(3, 3);
  for (Strangers::Id id : {1, 2, 3}) EXPECT_EQ(strangers.Come("a", id), std::nullopt);
  strangers.Leave("a", 2);
  strangers.Leave("a", 2);
  strangers.Leave("b", 1);
  EXPECT_EQ(strangers.size(), 2u);
  EXPECT_EQ(strangers.Come("b", 4), std::nullopt);
}

TEST(Strangers, TheLargestNetworkGivesWay) {
  Strangers strangers(10, 10);
  for (Strangers::Id id = 1; id <= 9; ++id) strangers.Come("many", id);
  EXPECT_EQ(strangers.Come("few", 10), std::nullopt);
  EXPECT_EQ(strangers.Come("few", 11), 1u) << "the one that says nothing for longest";
}

TEST(Strangers, SilentOnesGoBeforeThoseThatSpeakAndTheNewestOfTheseFirst) {
  Strangers strangers(3, 3);
  for (Strangers::Id id : {1, 2, 3}) {
    strangers.Come("many", id);
    if (id != 2) strangers.Spoke("many", id);
  }
  EXPECT_EQ(strangers.Come("few", 4), 2u);
  strangers.Leave("many", 2);
  strangers.Spoke("few", 4);
  EXPECT_EQ(strangers.Come("other", 5), 3u);
}

TEST(Strangers, WhenAllNetworksHaveTheSameTheNewestGoes) {
  Strangers strangers(100, 50);
  for (Strangers::Id id = 1; id <= 100; ++id) {
    EXPECT_EQ(strangers.Come(absl::StrCat("network ", id), id), std::nullopt);
  }
  EXPECT_EQ(strangers.Come("another", 101), 101u);
}

TEST(Strangers, OneNetworkAloneDoesNotTakeAll) {
  Strangers strangers(10, 2);
  strangers.Come("a", 1);
  strangers.Come("a", 2);
  EXPECT_EQ(strangers.Come("a", 3), 1u);
  strangers.Leave("a", 1);
  strangers.Spoke("a", 2);
  strangers.Spoke("a", 3);
  EXPECT_EQ(strangers.Come("a", 4), 4u) << "none of the others is silent";
}

// Whoever is told to go goes: what is counted stays within the limit, whatever comes.
TEST(Strangers, NeverMoreThanTheLimit) {
  Strangers strangers(20, 8);
  std::map<Strangers::Id, std::string> there;
  uint32_t random = 1;
  for (Strangers::Id id = 1; id < 5000; ++id) {
    random = random * 1664525 + 1013904223;
    const std::string network = absl::StrCat((random >> 16) % 7);
    there[id] = network;
    if (const auto gone = strangers.Come(network, id)) {
      ASSERT_EQ(there.count(*gone), 1u);
      strangers.Leave(there[*gone], *gone);
      there.erase(*gone);
    }
    if ((random >> 24) % 2 == 0) strangers.Spoke(network, id);
    if ((random >> 25) % 5 == 0) {
      strangers.Leave(there.begin()->second, there.begin()->first);
      there.erase(there.begin());
    }
    ASSERT_EQ(strangers.size(), there.size());
    ASSERT_LE(strangers.size(), 20u);
  }
}

}  // namespace
}  // namespace firebreak::controller
