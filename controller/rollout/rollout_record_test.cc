// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout/rollout_record.h"

#include <gtest/gtest.h>

namespace firebreak::controller {
namespace {

v1::StagedRollout Record() {
  v1::StagedRollout record;
  record.set_from(4);
  record.set_revision(5);
  record.mutable_strategy()->set_tolerate(2);
  record.mutable_strategy()->mutable_soak()->set_seconds(7);
  record.mutable_strategy()->set_on_failure(v1::RolloutFailure::undo);
  WriteProgress(NewRollout(record.strategy(), {{"a", "b", "c"}, {1, 3}}, 4, 5), record);
  return record;
}

TEST(RolloutRecord, ComesBackAsItWasWritten) {
  v1::StagedRollout record = Record();
  policy::Rollout rollout = *ReadRollout(record);
  EXPECT_EQ(rollout, NewRollout(record.strategy(), {{"a", "b", "c"}, {1, 3}}, 4, 5));
  rollout.state = policy::Rollout::State::kHalted;
  rollout.reached = 3;
  rollout.failed = {"b", "c"};
  rollout.excused = {"b"};
  rollout.reason = "host c: refused";
  WriteProgress(rollout, record);
  EXPECT_EQ(*ReadRollout(record), rollout);
}

TEST(RolloutRecord, TakesItsRulesFromItsStrategy) {
  const policy::Rollout rollout = *ReadRollout(Record());
  EXPECT_EQ(rollout.rules.tolerated, 2u);
  EXPECT_EQ(rollout.rules.soak, absl::Seconds(7));
  // The default, because the strategy gives none.
  EXPECT_EQ(rollout.rules.patience, absl::Minutes(2));
  EXPECT_EQ(rollout.rules.on_failure, policy::Rollout::OnFailure::kUndo);
}

TEST(RolloutRecord, RefusesWhatNoRolloutComesTo) {
  const std::pair<const char*, void (*)(v1::StagedRollout&)> kDamages[] = {
      {"a host twice", [](auto& record) { record.set_line(1, "a"); }},
      {"a host too many", [](auto& record) { record.add_line("d"); }},
      {"no waves", [](auto& record) { record.clear_wave_ends(); }},
      {"waves out of order", [](auto& record) { record.set_wave_ends(0, 4); }},
      {"too many reached", [](auto& record) { record.set_reached(4); }},
      {"no state", [](auto& record) { record.clear_state(); }},
  };
  for (const auto& [what, damage] : kDamages) {
    v1::StagedRollout record = Record();
    damage(record);
    EXPECT_TRUE(absl::IsDataLoss(ReadRollout(record).status())) << what;
  }
}

}  // namespace
}  // namespace firebreak::controller
