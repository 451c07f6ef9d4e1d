// SPDX-License-Identifier: Apache-2.0
#include "cli/view/staged_rollout.h"

#include <gtest/gtest.h>

namespace firebreak::cli {
namespace {

v1::StagedRollout Rollout(v1::StagedRollout::State state) {
  v1::StagedRollout rollout;
  rollout.set_from(4);
  rollout.set_revision(5);
  rollout.set_author("admin/admin");
  rollout.set_state(state);
  rollout.set_reached(3);
  rollout.add_wave_ends(1);
  rollout.add_wave_ends(3);
  rollout.add_wave_ends(9);
  for (const uint64_t hosts : {1, 2, 6}) {
    v1::StagedWave& wave = *rollout.add_waves();
    wave.set_hosts(hosts);
    wave.add_names("web-1");
  }
  return rollout;
}

TEST(StagedRollout, SaysHowFarItIsInOneLine) {
  EXPECT_EQ(StagedRolloutLine(Rollout(v1::StagedRollout::soaking)),
            "revision 5: wave 2 of 3, 3 of 9 hosts reached, soaking");
}

TEST(StagedRollout, SaysIntoWhichWavesAChangeGoes) {
  EXPECT_EQ(WavesLine(Rollout(v1::StagedRollout::running)),
            "the change goes out in 3 waves of 1, 2, 6 hosts; follow it with `firebreak rollout "
            "watch`\n");
}

TEST(StagedRollout, NamesTheReasonAndTheWaysOnWhenItIsHalted) {
  v1::StagedRollout rollout = Rollout(v1::StagedRollout::halted);
  rollout.set_reason("host web-1: has undone it\x1b[2J");
  rollout.add_failed("web-1");
  const std::string page = StagedRolloutPage(rollout, false);
  EXPECT_NE(page.find("state     halted: host web-1: has undone it\\x1b[2J\n"), std::string::npos)
      << page;
  EXPECT_NE(page.find("failed    web-1\n"), std::string::npos) << page;
  EXPECT_NE(page.find("firebreak rollout undo"), std::string::npos) << page;
}

TEST(StagedRollout, ListsWhatBecameOfEach) {
  google::protobuf::RepeatedPtrField<v1::StagedRollout> rollouts;
  v1::StagedRollout& undone = *rollouts.Add();
  undone = Rollout(v1::StagedRollout::undone);
  undone.set_reason("host web-1: refuses it\n");
  *rollouts.Add() = Rollout(v1::StagedRollout::complete);
  const std::string list = StagedRolloutList(rollouts, false);
  EXPECT_NE(list.find("3 of 9"), std::string::npos) << list;
  EXPECT_NE(list.find("undone"), std::string::npos) << list;
  EXPECT_NE(list.find("host web-1: refuses it\\n"), std::string::npos) << list;
}

TEST(StagedRollout, EndsWatchingWhenAPersonMustDecide) {
  for (const auto state :
       {v1::StagedRollout::running, v1::StagedRollout::soaking, v1::StagedRollout::undoing}) {
    EXPECT_FALSE(IsSettled(Rollout(state)));
  }
  for (const auto state : {v1::StagedRollout::paused, v1::StagedRollout::halted,
                           v1::StagedRollout::undone, v1::StagedRollout::complete}) {
    EXPECT_TRUE(IsSettled(Rollout(state)));
  }
  EXPECT_TRUE(StagedRolloutOutcome(Rollout(v1::StagedRollout::complete)).ok());
  EXPECT_FALSE(StagedRolloutOutcome(Rollout(v1::StagedRollout::undone)).ok());
}

}  // namespace
}  // namespace firebreak::cli
