// SPDX-License-Identifier: Apache-2.0
#include "agent/drift/drift_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

#include "policy/compile/compile.h"
#include "policy/ruleset/digest.h"

namespace firebreak::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;

v1::EffectivePolicy Policy(uint32_t ports) {
  v1::EffectivePolicy policy;
  policy.set_managed(true);
  v1::EffectiveLocation* location = policy.add_locations();
  location->set_name("elsewhere");
  v1::Settings* settings = location->add_layers()->mutable_settings();
  for (uint32_t i = 1; i <= ports; ++i) {
    v1::PortRange* range = settings->mutable_inbound()->add_items()->add_ports();
    range->set_protocol(6);
    range->set_first(2 * i);
    range->set_last(2 * i);
  }
  return policy;
}

// Runs against the real kernel and the real nft, in a network namespace of its own.
class DriftGuardTest : public testing::Test, public DriftGuard::Listener {
 protected:
  void SetUp() override {
    if (unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs root";
    auto events = RulesetEvents::Open();
    ASSERT_TRUE(events.ok()) << events.status();
    auto nftables = Nftables::Open();
    ASSERT_TRUE(nftables.ok()) << nftables.status();
    events_.emplace(*std::move(events));
    enforcer_.emplace(*std::move(nftables), &*events_);
    wanted_ = policy::Compile(Policy(1000), {}).value();
    ASSERT_TRUE(enforcer_->Enforce(wanted_).ok());
    guard_ = std::make_unique<DriftGuard>(loop_, *events_, enforcer_->port(), *this);
  }

  absl::StatusOr<Enforcer::Outcome> UndoForeignChanges() override {
    ++undone_;
    if (fail_) return absl::UnavailableError("no luck");
    return enforcer_->Enforce(wanted_);
  }
  void FactsChanged() override {
    ++reports_;
    loop_.Stop();
  }
  void OtherTablesChanged() override { ++others_; }

  void RunFor(EventLoop::Clock::duration duration) {
    const EventLoop::Timer end = loop_.RunAfter(duration, [this] { loop_.Stop(); });
    loop_.Run();
    loop_.Cancel(end);
  }

  bool InForce() {
    const auto rules = enforcer_->Read();
    return rules.ok() && ruleset::Digest(*rules) == ruleset::Digest(wanted_);
  }

  EventLoop loop_;
  std::optional<RulesetEvents> events_;
  std::optional<Enforcer> enforcer_;
  ruleset::Ruleset wanted_;
  std::unique_ptr<DriftGuard> guard_;
  bool fail_ = false;
  int undone_ = 0, reports_ = 0, others_ = 0;
};

TEST_F(DriftGuardTest, UndoesAndTellsWhatWasChangedAndByWhom) {
  ASSERT_EQ(system("nft insert rule inet firebreak input accept"), 0);
  RunFor(seconds(5));
  ASSERT_TRUE(guard_->drift().has_value());
  const v1::Drift& drift = *guard_->drift();
  EXPECT_EQ(drift.times(), 1u);
  EXPECT_THAT(drift.changed(), ElementsAre("rule added to chain input"));
  EXPECT_EQ(drift.program(), "nft");
  EXPECT_GT(drift.pid(), 0u);
  EXPECT_GT(drift.changes(), 0u);
  EXPECT_GT(drift.undone_micros(), 0u);
  EXPECT_EQ(drift.error(), "");
  EXPECT_TRUE(InForce());
}

TEST_F(DriftGuardTest, OneWordForEachTableThatWasDeleted) {
  ASSERT_EQ(system("nft flush ruleset"), 0);
  RunFor(seconds(5));
  ASSERT_TRUE(guard_->drift().has_value());
  EXPECT_THAT(guard_->drift()->changed(),
              ElementsAre("table inet firebreak deleted", "table netdev firebreak deleted"));
  EXPECT_TRUE(InForce());
}

TEST_F(DriftGuardTest, OtherTablesAreNoDrift) {
  ASSERT_EQ(system("nft add table ip other"), 0);
  RunFor(milliseconds(50));
  EXPECT_FALSE(guard_->drift().has_value());
  EXPECT_EQ(undone_, 0);
  EXPECT_GT(others_, 0);
}

TEST_F(DriftGuardTest, AStormIsUndoneAndReportedNowAndThen) {
  const auto begun = EventLoop::Clock::now();
  const pid_t storm = fork();
  if (storm == 0) {
    setpgid(0, 0);
    execlp("sh", "sh", "-c",
           "while :; do nft insert rule inet firebreak input accept; done > /dev/null 2>&1",
           nullptr);
    _exit(127);
  }
  ASSERT_GT(storm, 0);
  setpgid(storm, storm);
  while (undone_ <= 10 && EventLoop::Clock::now() - begun < seconds(60)) RunFor(milliseconds(500));
  kill(-storm, SIGKILL);
  waitpid(storm, nullptr, 0);
  while (!InForce() && EventLoop::Clock::now() - begun < seconds(120)) RunFor(milliseconds(500));
  EXPECT_GT(undone_, 10);
  EXPECT_GT(guard_->drift()->times(), 10u);
  EXPECT_GE(reports_, 1);
  EXPECT_LE(reports_, (EventLoop::Clock::now() - begun) / DriftGuard::kBetweenReports + 1);
  EXPECT_TRUE(InForce());
}

TEST_F(DriftGuardTest, HearsOthersAgainAfterALargeTransactionOfOurs) {
  ASSERT_TRUE(enforcer_->Enforce(policy::Compile(Policy(2000), {}).value()).ok());
  ASSERT_TRUE(enforcer_->Enforce(wanted_).ok());
  RunFor(milliseconds(50));
  EXPECT_EQ(undone_, 0) << "took its own transaction for somebody else's";
  ASSERT_EQ(system("nft flush chain inet firebreak input"), 0);
  RunFor(seconds(5));
  EXPECT_EQ(undone_, 1);
  EXPECT_TRUE(InForce());
}

TEST_F(DriftGuardTest, TriesAgainWhenItCouldNotUndo) {
  fail_ = true;
  ASSERT_EQ(system("nft flush chain inet firebreak input"), 0);
  RunFor(seconds(5));
  ASSERT_TRUE(guard_->drift().has_value());
  EXPECT_EQ(guard_->drift()->error(), "no luck");
  fail_ = false;
  RunFor(seconds(5));
  EXPECT_EQ(guard_->drift()->error(), "");
  EXPECT_EQ(guard_->drift()->times(), 1u);
  EXPECT_TRUE(InForce());
}

}  // namespace
}  // namespace firebreak::agent
