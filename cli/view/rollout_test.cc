// SPDX-License-Identifier: Apache-2.0
#include "cli/view/rollout.h"

#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

v1::Rollout Make(uint32_t concerned, uint32_t applied) {
  v1::Rollout rollout;
  rollout.set_revision(7);
  rollout.set_concerned(concerned);
  rollout.set_applied(applied);
  return rollout;
}

void AddFailed(v1::Rollout& rollout, v1::Refusal::Kind kind) {
  v1::RolloutHost* host = rollout.add_failed();
  host->set_name("web-1");
  host->mutable_refusal()->set_revision(7);
  host->mutable_refusal()->set_kind(kind);
  host->mutable_refusal()->set_reason("set is\nfull");
  host->mutable_refusal()->set_resource("Policy/web");
}

TEST(RolloutLine, Counts) {
  EXPECT_EQ(RolloutLine(Make(12, 3)), "3 of 12 hosts have applied revision 7");
  EXPECT_EQ(RolloutLine(Make(1, 1)), "1 of 1 host has applied revision 7");
  EXPECT_EQ(RolloutLine(Make(0, 0)), "no host is affected by revision 7");
  v1::Rollout rollout = Make(3, 1);
  AddFailed(rollout, v1::Refusal::refused);
  EXPECT_EQ(RolloutLine(rollout), "1 of 3 hosts has applied revision 7, 1 failed");
}

TEST(RolloutOutcome, AllHave) {
  EXPECT_TRUE(RolloutOutcome(Make(3, 3), false, absl::Seconds(30)).ok());
}

TEST(RolloutOutcome, NamesWhoRefusedAndWhy) {
  v1::Rollout rollout = Make(3, 2);
  AddFailed(rollout, v1::Refusal::undone);
  rollout.add_applied_hosts("a");
  rollout.add_applied_hosts("b");
  const absl::Status status = RolloutOutcome(rollout, false, absl::Seconds(30));
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(status.message(),
            "revision 7 is stored, but not in force on every affected host\n"
            "web-1 undid revision 7: set is full (Policy/web)\n"
            "applied by 2 hosts: a, b\n"
            "see `firebreak host status HOST`");
}

TEST(RolloutOutcome, AHostThatShouldHaveItAndIsOfflineDoesNotHaveIt) {
  v1::Rollout rollout = Make(1, 0);
  rollout.set_offline(1);
  rollout.add_offline_hosts("web-9");
  EXPECT_EQ(RolloutLine(rollout), "0 of 1 host have applied revision 7, 1 offline");
  EXPECT_EQ(RolloutOutcome(rollout, false, absl::Seconds(30)).message(),
            "revision 7 is stored, but not in force on every affected host\n"
            "1 host offline: web-9\n"
            "see `firebreak host status HOST`");
}

TEST(RolloutOutcome, NamesWhoIsPending) {
  v1::Rollout rollout = Make(4, 1);
  rollout.add_pending("a");
  rollout.add_pending("b");
  rollout.add_applied_hosts("c");
  const absl::Status status = RolloutOutcome(rollout, true, absl::Seconds(30));
  EXPECT_EQ(status.message(),
            "revision 7 is stored, but not in force on every affected host\n"
            "no receipt within 30s from 3 hosts: a, b, …\n"
            "applied by 1 host: c\n"
            "see `firebreak host status HOST`");
}

}  // namespace
}  // namespace firebreak::cli
