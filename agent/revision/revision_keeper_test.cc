// SPDX-License-Identifier: Apache-2.0
#include "agent/revision/revision_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "absl/time/clock.h"
#include "base/openssl/openssl.h"
#include "base/testing/temporary_directory.h"
#include "policy/compile/allowance.h"
#include "policy/ruleset/digest.h"

namespace firebreak::agent {
namespace {

using testing::HasSubstr;

v1::Push MakePush(uint64_t revision, const v1::EffectivePolicy& policy) {
  v1::Push push;
  push.set_revision(revision);
  push.set_policy(policy.SerializeAsString());
  push.set_policy_digest(Sha256(push.policy()));
  return push;
}

v1::Push MakeUnmanagedPush(uint64_t revision) {
  v1::EffectivePolicy policy;
  policy.add_locations()->set_name("elsewhere");
  return MakePush(revision, policy);
}

v1::EffectivePolicy MakePolicy(uint32_t port) {
  v1::EffectivePolicy policy;
  policy.set_managed(true);
  v1::EffectiveLocation* location = policy.add_locations();
  location->set_name("elsewhere");
  v1::Mapping* mapping = location->add_layers()->mutable_settings()->mutable_inbound()->add_items();
  mapping->set_name("m");
  mapping->set_policy("p");
  mapping->set_action(v1::Traffic::allow);
  v1::PortRange* range = mapping->add_ports();
  range->set_protocol(6);
  range->set_first(port);
  range->set_last(port);
  return policy;
}

v1::Push MakePush(uint64_t revision, uint32_t port) { return MakePush(revision, MakePolicy(port)); }

// Returns a policy for which the kernel has to be set to forward packets.
v1::EffectivePolicy MakeForwardingPolicy() {
  v1::EffectivePolicy policy = MakePolicy(80);
  policy.mutable_locations(0)
      ->mutable_layers(0)
      ->mutable_settings()
      ->mutable_inbound()
      ->mutable_items(0)
      ->mutable_forward()
      ->set_address(std::string("\xC0\x00\x02\x01", 4));
  return policy;
}

// Lets another process own the table, so that the table cannot be changed as long as that process
// lives.
FILE* TakeTheTable() {
  FILE* owner = popen("nft -i > /dev/null 2>&1", "w");
  fputs("delete table inet firebreak; add table inet firebreak { flags owner; }\n", owner);
  fflush(owner);
  return owner;
}

// The kernel, the disk and the loop are real; the test decides whether the controller can be
// reached. Each test has a network namespace of its own.
class RevisionKeeperTest : public testing::Test,
                           public RevisionListener,
                           public ControllerReach,
                           public InterfaceLocations {
 protected:
  void SetUp() override {
    if (unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs root";
    StartAgent();
    ASSERT_TRUE(keeper_->Start({}).ok());
  }

  void StartAgent() {
    auto state = StateDirectory::Open(directory_.path());
    ASSERT_TRUE(state.ok()) << state.status();
    state_.emplace(*std::move(state));
    auto nftables = Nftables::Open();
    ASSERT_TRUE(nftables.ok()) << nftables.status();
    enforcer_.emplace(*std::move(nftables), nullptr, KernelSettings(settings_file_));
    rules_.emplace(*enforcer_, *this);
    keeper_.emplace(*state_, loop_, *rules_, absl::Milliseconds(600), *this, *this);
  }

  void Applied(const v1::Receipt& receipt) override {
    applied_.push_back(receipt);
    loop_.Stop();
  }
  void Refused(const v1::Refusal& refusal) override {
    refused_.push_back(refusal);
    loop_.Stop();
  }
  void Enforced(const v1::EffectivePolicy&) override { enforced_(); }
  void SwitchEnded(const v1::LocalSwitch&, const std::string&) override {}
  void SwitchesLost(const std::string&) override {}
  void MappingsLeftOut(const std::string& why) override { left_out_ = why; }
  void Expired() override {}
  void Reach(uint64_t revision, absl::Duration,
             std::function<void(lifecycle::Reached)> done) override {
    attempts_.push_back(revision);
    loop_.Post([this, done] {
      if (hang_) return loop_.Stop();
      using Contact = lifecycle::Reached::Contact;
      const bool reachable = reachable_ && (!unless_.has_value() || KernelDigest() != *unless_);
      done({reachable ? Contact::kAnswered : Contact::kSilent, "no way"});
    });
  }
  void StopReaching() override {}
  uint16_t Port() const override { return 7443; }
  void EndForbiddenFlows(std::function<void(lifecycle::Help)> done) override {
    loop_.Post([this, done = std::move(done)] { done(help_); });
  }
  void Describe(v1::InterfaceState&) const override {}
  std::string At(const std::string&) const override { return "elsewhere"; }

  // The agent dies and comes back, while the kernel and the disk keep their state.
  void RestartAgent() {
    keeper_.reset();
    state_.reset();
    applied_.clear();
    refused_.clear();
    StartAgent();
  }

  void RunToTheNextAnswer() {
    EventLoop::Timer give_up = loop_.RunAfter(std::chrono::seconds(10), [this] {
      ADD_FAILURE() << "no answer";
      loop_.Stop();
    });
    loop_.Run();
    loop_.Cancel(give_up);
  }

  std::string KernelDigest() { return ruleset::Digest(*keeper_->ReadRules()); }

  TemporaryDirectory directory_;
  EventLoop loop_;
  std::optional<StateDirectory> state_;
  std::optional<Enforcer> enforcer_;
  std::optional<HostRules> rules_;
  std::optional<RevisionKeeper> keeper_;
  std::string settings_file_;  // the file of saved kernel settings
  std::function<void()> enforced_ = [] {};
  bool reachable_ = true;
  // The controller can be reached unless the kernel has these rules.
  std::optional<std::string> unless_;
  bool hang_ = false;
  lifecycle::Help help_;  // flows that still help after others have ended
  std::vector<uint64_t> attempts_;
  std::vector<v1::Receipt> applied_;
  std::vector<v1::Refusal> refused_;
  std::string left_out_;  // why the host's own mappings were left out
};

v1::EffectivePolicy Permitting(v1::EffectivePolicy policy) {
  policy.mutable_locations(0)->mutable_host()->set_local_control(v1::LocalControl::allow);
  policy.mutable_locations(0)->mutable_host()->set_local_control_policy("p");
  return policy;
}

// Returns a mapping of the host's own that no map can hold.
v1::LocalMappings OneMapping() {
  v1::LocalMappings mappings;
  mappings.set_last_number(1);
  v1::LocalMapping& one = *mappings.add_open();
  one.set_number(1);
  one.mutable_mapping()->set_name("game");
  one.mutable_mapping()->set_protocol("udp");
  one.mutable_mapping()->add_ports("27015");
  one.mutable_mapping()->add_source_ports("27005");
  return mappings;
}

TEST_F(RevisionKeeperTest, AMappingOfTheHostsOwnIsOnTheDiskAndInTheKernelOrInNeither) {
  EXPECT_TRUE(absl::IsFailedPrecondition(keeper_->SetMappings(OneMapping())));
  EXPECT_EQ(state_->ReadMappings()->open_size(), 0);
  ASSERT_TRUE(keeper_->Take(MakePush(1, Permitting(MakePolicy(22)))).ok());
  RunToTheNextAnswer();
  const std::string before = KernelDigest();
  ASSERT_TRUE(keeper_->SetMappings(OneMapping()).ok());
  const std::string with = KernelDigest();
  EXPECT_NE(with, before);
  EXPECT_EQ(state_->ReadMappings()->open_size(), 1);

  RestartAgent();
  keeper_->UseMappings(*state_->ReadMappings());
  ASSERT_TRUE(keeper_->Start({}).ok());
  EXPECT_EQ(KernelDigest(), with);
  v1::LocalMappings none;
  none.set_last_number(1);
  ASSERT_TRUE(keeper_->SetMappings(none).ok());
  EXPECT_EQ(KernelDigest(), before);
  EXPECT_EQ(state_->ReadMappings()->open_size(), 0);
}

TEST_F(RevisionKeeperTest, AMappingOfTheHostsOwnDoesNotStandInThePolicysWay) {
  ASSERT_TRUE(keeper_->Take(MakePush(1, Permitting(MakePolicy(22)))).ok());
  RunToTheNextAnswer();
  ASSERT_TRUE(keeper_->SetMappings(OneMapping()).ok());
  // This policy leaves no room for another rule.
  v1::EffectivePolicy large = Permitting(MakePolicy(22));
  v1::Mappings& list =
      *large.mutable_locations(0)->mutable_layers(0)->mutable_settings()->mutable_inbound();
  v1::Mapping rich = list.items(0);
  rich.add_source_ports()->set_first(1000);
  rich.mutable_source_ports(0)->set_last(2000);
  list.clear_items();
  // Each mapping is a rule in three chains, for incoming and for forwarded packets.
  for (size_t i = 0; i < policy::kMostRules / 3; ++i) {
    rich.set_name(absl::StrCat("m", i));
    rich.mutable_ports(0)->set_first(i + 1);
    rich.mutable_ports(0)->set_last(i + 1);
    *list.add_items() = rich;
  }
  ASSERT_TRUE(keeper_->Take(MakePush(2, large)).ok());
  RunToTheNextAnswer();
  ASSERT_EQ(refused_.size(), 0u) << refused_[0].reason();
  EXPECT_EQ(keeper_->RevisionInForce(), 2u);
  EXPECT_THAT(left_out_, HasSubstr("too many"));
}

TEST_F(RevisionKeeperTest, ARevisionIsAppliedOnceItsReceiptIsReadBack) {
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  EXPECT_TRUE(applied_.empty()) << "applied before the controller was reached";
  RunToTheNextAnswer();
  ASSERT_EQ(applied_.size(), 1u);
  EXPECT_EQ(applied_[0].revision(), 1u);
  EXPECT_GT(applied_[0].changes(), 0u);
  EXPECT_EQ(applied_[0].ruleset_digest(), KernelDigest());
  EXPECT_EQ(state_->ReadGood()->revision(), 1u);
  EXPECT_FALSE(state_->ReadTrial().has_value());
}

TEST_F(RevisionKeeperTest, TheSamePolicyUnderANewNumberNeedsNoTrial) {
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  v1::Push brief = MakePush(2, 22);
  brief.clear_policy();
  ASSERT_TRUE(keeper_->Take(brief).ok());
  RunToTheNextAnswer();
  ASSERT_EQ(applied_.size(), 2u);
  EXPECT_EQ(applied_[1].revision(), 2u);
  EXPECT_EQ(applied_[1].changes(), 0u);
  EXPECT_EQ(attempts_.size(), 1u);
  EXPECT_EQ(state_->ReadGood()->revision(), 2u);
}

TEST_F(RevisionKeeperTest, WhatCutsTheHostOffIsUndone) {
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  const std::string before = KernelDigest();
  reachable_ = false;
  ASSERT_TRUE(keeper_->Take(MakePush(2, 23)).ok());
  EXPECT_NE(KernelDigest(), before);
  RunToTheNextAnswer();
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_EQ(refused_[0].revision(), 2u);
  EXPECT_EQ(refused_[0].kind(), v1::Refusal::undone);
  EXPECT_THAT(refused_[0].reason(), HasSubstr("no way"));
  EXPECT_EQ(KernelDigest(), before);
  EXPECT_EQ(keeper_->receipt()->revision(), 1u);
  EXPECT_EQ(state_->ReadGood()->revision(), 1u);
  EXPECT_FALSE(state_->ReadTrial().has_value());
}

TEST_F(RevisionKeeperTest, TheFirstRevisionIsUndoneToNoRules) {
  reachable_ = false;
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_EQ(KernelDigest(), "");
  EXPECT_FALSE(keeper_->receipt().has_value());
}

TEST_F(RevisionKeeperTest, WhatOnlyATunnelHasHelpedIsUndoneAfterARestartWhenTheControllerIsLost) {
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  const std::string before = KernelDigest();
  help_ = {"a tunnel"};
  ASSERT_TRUE(keeper_->Take(MakePush(2, 23)).ok());
  RunToTheNextAnswer();
  ASSERT_EQ(applied_.size(), 2u);
  EXPECT_THAT(applied_[1].unproven(), testing::ElementsAre("a tunnel"));
  EXPECT_EQ(state_->ReadGood()->revision(), 2u);
  EXPECT_TRUE(state_->ReadFallback().has_value());
  RestartAgent();
  reachable_ = false;
  ASSERT_TRUE(keeper_->Start({}).ok());
  EXPECT_EQ(keeper_->receipt()->revision(), 2u) << "it is in force until the controller is lost";
  RunToTheNextAnswer();
  EXPECT_EQ(KernelDigest(), before);
  if (refused_.empty()) RunToTheNextAnswer();
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_EQ(refused_[0].revision(), 2u);
  EXPECT_THAT(refused_[0].reason(), HasSubstr("a tunnel"));
  ASSERT_EQ(applied_.size(), 1u) << "the controller hears what is in force again";
  EXPECT_EQ(applied_[0].revision(), 1u);
  EXPECT_EQ(state_->ReadGood()->revision(), 1u);
  EXPECT_FALSE(state_->ReadFallback().has_value());
}

TEST_F(RevisionKeeperTest, AFirstPolicyThatIsInDoubtIsUndoneToShut) {
  help_ = {"a tunnel"};
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  const std::string before = KernelDigest();
  reachable_ = false;
  keeper_->StreamChanged(false);
  RunToTheNextAnswer();
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_NE(KernelDigest(), "") << "a host that cannot reach its controller is not open";
  EXPECT_NE(KernelDigest(), before);
  RestartAgent();
  ASSERT_EQ(system("nft flush ruleset"), 0);
  ASSERT_TRUE(keeper_->Start({}).ok());
  EXPECT_NE(KernelDigest(), "");
}

TEST_F(RevisionKeeperTest, AHostWhoseClockWasWrongMustBeAbleToAskForTheTime) {
  ASSERT_TRUE(state_->NoteWrongClock().ok());
  Link link;
  link.name = "eth7";
  link.index = 7;
  link.type = "ethernet";
  keeper_->LinksChanged({link});
  v1::EffectivePolicy policy;
  ASSERT_TRUE(policy.ParseFromString(MakePush(1, 22).policy()));
  v1::Settings& settings = *policy.mutable_locations(0)->mutable_layers(0)->mutable_settings();
  ASSERT_TRUE(keeper_->Take(MakePush(1, policy)).ok());
  RunToTheNextAnswer();
  EXPECT_TRUE(applied_.back().unproven().empty()) << "everything is let out";
  settings.set_outbound_default(v1::Traffic::block);
  settings.set_outbound_default_policy("p");
  ASSERT_TRUE(keeper_->Take(MakePush(2, policy)).ok());
  RunToTheNextAnswer();
  EXPECT_EQ(applied_.back().unproven_size(), 1);
  EXPECT_THAT(applied_.back().unproven(0), HasSubstr("the time"));
}

TEST_F(RevisionKeeperTest, AControllerThatIsReachedByAMappingThatExpiresProvesNothing) {
  Link link;
  link.name = "eth7";
  link.index = 7;
  link.type = "ethernet";
  keeper_->LinksChanged({link});
  v1::EffectivePolicy policy;
  ASSERT_TRUE(policy.ParseFromString(MakePush(1, 22).policy()));
  v1::Settings& settings = *policy.mutable_locations(0)->mutable_layers(0)->mutable_settings();
  settings.set_outbound_default(v1::Traffic::block);
  settings.set_outbound_default_policy("p");
  v1::Mapping& way = *settings.mutable_outbound()->add_items();
  way.set_name("way");
  way.set_policy("p");
  way.set_action(v1::Traffic::allow);
  v1::PortRange& range = *way.add_ports();
  range.set_protocol(IPPROTO_TCP);
  range.set_first(7443);
  range.set_last(7443);
  way.set_expires(absl::ToUnixSeconds(absl::Now()) + 3600);
  ASSERT_TRUE(keeper_->Take(MakePush(1, policy)).ok());
  RunToTheNextAnswer();
  ASSERT_EQ(applied_.back().unproven_size(), 1);
  EXPECT_THAT(applied_.back().unproven(0), HasSubstr("expires"));
  way.clear_expires();
  // Rules that are the same would need no other trial.
  settings.mutable_inbound()->mutable_items(0)->mutable_ports(0)->set_last(23);
  ASSERT_TRUE(keeper_->Take(MakePush(2, policy)).ok());
  RunToTheNextAnswer();
  EXPECT_TRUE(applied_.back().unproven().empty());
}

TEST_F(RevisionKeeperTest, AnAgentThatDiesOnTrialGoesOnWithIt) {
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  const std::string before = KernelDigest();
  hang_ = true;
  ASSERT_TRUE(keeper_->Take(MakePush(2, 23)).ok());
  RunToTheNextAnswer();
  RestartAgent();
  hang_ = reachable_ = false;
  ASSERT_TRUE(keeper_->Start({}).ok());
  EXPECT_EQ(keeper_->receipt()->revision(), 1u) << "a trial is no receipt";
  RunToTheNextAnswer();
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_EQ(refused_[0].revision(), 2u);
  EXPECT_EQ(KernelDigest(), before);
}

TEST_F(RevisionKeeperTest, ARestartChangesNothing) {
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  RestartAgent();
  ASSERT_TRUE(keeper_->Start({}).ok());
  ASSERT_TRUE(keeper_->receipt().has_value());
  EXPECT_EQ(keeper_->receipt()->changes(), 0u);
}

TEST_F(RevisionKeeperTest, AfterARebootTheGoodPolicyIsEnforcedNotTheTrial) {
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  const std::string before = KernelDigest();
  hang_ = true;
  ASSERT_TRUE(keeper_->Take(MakePush(2, 23)).ok());
  RunToTheNextAnswer();
  ASSERT_EQ(system("nft flush ruleset"), 0);
  RestartAgent();
  ASSERT_TRUE(keeper_->Start({}).ok());
  EXPECT_EQ(KernelDigest(), before);
  EXPECT_FALSE(state_->ReadTrial().has_value());
}

TEST_F(RevisionKeeperTest, AfterARebootATrialOfNoRulesIsNoTrial) {
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  const std::string before = KernelDigest();
  hang_ = true;
  ASSERT_TRUE(keeper_->Take(MakeUnmanagedPush(2)).ok());
  RunToTheNextAnswer();
  EXPECT_EQ(KernelDigest(), "");
  RestartAgent();
  ASSERT_TRUE(keeper_->Start({}).ok());
  EXPECT_EQ(KernelDigest(), before);
}

TEST_F(RevisionKeeperTest, AFirstTrialIsUndoneEvenIfInterfacesChangedWhileTheAgentWasAway) {
  hang_ = true;
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  // Changed rules stand in for rules that were made for other interfaces.
  ASSERT_EQ(system("nft add counter inet firebreak other"), 0);
  RestartAgent();
  hang_ = reachable_ = false;
  ASSERT_TRUE(keeper_->Start({}).ok());
  RunToTheNextAnswer();
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_EQ(KernelDigest(), "");
}

TEST_F(RevisionKeeperTest, AHostWhosePolicyIsDamagedIsShutAfterAReboot) {
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  const std::string before = KernelDigest();
  std::ofstream(directory_.path() + "/policy") << "rubbish";
  RestartAgent();
  ASSERT_TRUE(keeper_->Start({}).ok());
  keeper_->UndoForeignChanges().IgnoreError();
  EXPECT_EQ(KernelDigest(), before) << "what the kernel still has stays";
  ASSERT_EQ(system("nft flush ruleset"), 0);
  RestartAgent();
  ASSERT_TRUE(keeper_->Start({}).ok());
  EXPECT_FALSE(keeper_->receipt().has_value());
  const std::string shut = KernelDigest();
  EXPECT_NE(shut, "");
  EXPECT_NE(shut, before);
  reachable_ = false;
  ASSERT_TRUE(keeper_->Take(MakePush(2, 23)).ok());
  RunToTheNextAnswer();
  EXPECT_EQ(KernelDigest(), shut) << "undone to what was, not to no rules";
}

TEST_F(RevisionKeeperTest, AHostThatIsShutStaysShut) {
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  std::ofstream(directory_.path() + "/policy") << "rubbish";
  ASSERT_EQ(system("nft flush ruleset"), 0);
  RestartAgent();
  ASSERT_TRUE(keeper_->Start({}).ok());
  const std::string shut = KernelDigest();
  ASSERT_EQ(system("nft delete table inet firebreak"), 0);
  ASSERT_TRUE(keeper_->UndoForeignChanges().ok());
  EXPECT_EQ(KernelDigest(), shut);
}

// The agent must retry by itself, because no controller may be near to push the policy again.
TEST_F(RevisionKeeperTest, AStartThatFailsIsTriedAgain) {
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  applied_.clear();
  const std::string before = KernelDigest();
  RestartAgent();
  FILE* owner = TakeTheTable();
  loop_.RunAfter(std::chrono::milliseconds(100), [this] { loop_.Stop(); });
  loop_.Run();
  EXPECT_FALSE(keeper_->Start({}).ok());
  EXPECT_FALSE(keeper_->UndoForeignChanges().ok());
  pclose(owner);
  int told = 0;
  enforced_ = [&told] { ++told; };
  RunToTheNextAnswer();
  ASSERT_EQ(applied_.size(), 1u);
  EXPECT_EQ(applied_[0].revision(), 1u);
  EXPECT_EQ(KernelDigest(), before);
  EXPECT_EQ(told, 1);
  enforced_ = [] {};
}

// The kernel already has the rules when a setting that the rules need cannot be made.
TEST_F(RevisionKeeperTest, NothingStaysOfAFirstRevisionThatIsRefused) {
  keeper_.reset();
  state_.reset();
  settings_file_ = directory_.path() + "/no-such-directory/settings";
  StartAgent();
  ASSERT_TRUE(keeper_->Start({}).ok());
  ASSERT_TRUE(keeper_->Take(MakePush(1, MakeForwardingPolicy())).ok());
  RunToTheNextAnswer();
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_THAT(refused_[0].reason(), HasSubstr("no-such-directory"));
  EXPECT_EQ(KernelDigest(), "");
}

// A revision that removes a location also decides whether the location's flows continue.
TEST_F(RevisionKeeperTest, WhetherFlowsGoOnIsForThePolicyThatComes) {
  v1::EffectivePolicy policy = MakePolicy(22);
  policy.mutable_locations(0)
      ->mutable_layers(0)
      ->mutable_settings()
      ->mutable_flows()
      ->set_keep_on_demotion(true);
  RestartAgent();
  ASSERT_TRUE(keeper_->Start({{.name = "eth0", .index = 2, .type = "ethernet"}}).ok());
  std::vector<bool> kept;
  enforced_ = [&] { kept.push_back(keeper_->KeepsFlows("eth0", "elsewhere")); };
  ASSERT_TRUE(keeper_->Take(MakePush(1, policy)).ok());
  RunToTheNextAnswer();
  ASSERT_TRUE(keeper_->Take(MakePush(2, 23)).ok());
  RunToTheNextAnswer();
  reachable_ = false;
  ASSERT_TRUE(keeper_->Take(MakePush(3, policy)).ok());
  RunToTheNextAnswer();
  EXPECT_EQ(kept, (std::vector<bool>{true, false, true, false})) << "the last is what is undone to";
  EXPECT_FALSE(keeper_->KeepsFlows("eth0", "elsewhere"));
  enforced_ = [] {};
}

TEST_F(RevisionKeeperTest, GoingBackToTheGoodRulesNeedsTheDiskBeforeTheKernel) {
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  hang_ = true;
  ASSERT_TRUE(keeper_->Take(MakePush(2, 23)).ok());
  RunToTheNextAnswer();
  const std::string on_trial = KernelDigest();
  ASSERT_TRUE(std::filesystem::create_directory(directory_.path() + "/policy.new"));
  ASSERT_TRUE(keeper_->Take(MakePush(3, 22)).ok());
  RunToTheNextAnswer();
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_EQ(KernelDigest(), on_trial) << "the trial's receipt would be a lie";
}

TEST_F(RevisionKeeperTest, AnUndoThatFailsIsTriedAgain) {
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  const std::string before = KernelDigest();
  reachable_ = false;
  ASSERT_TRUE(keeper_->Take(MakePush(2, 23)).ok());
  FILE* owner = TakeTheTable();
  loop_.RunAfter(std::chrono::milliseconds(1500), [this] { loop_.Stop(); });
  loop_.Run();
  EXPECT_TRUE(refused_.empty()) << "nothing is undone yet";
  pclose(owner);
  RunToTheNextAnswer();
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_EQ(KernelDigest(), before);
}

TEST_F(RevisionKeeperTest, AnAddressThatComesAndGoesChangesNoRuleAndNoReceipt) {
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  Link link = {.name = "eth0", .index = 2, .type = "ethernet"};
  keeper_->LinksChanged({link});
  RunToTheNextAnswer();
  EXPECT_EQ(applied_.size(), 2u) << "the receipt names the interfaces";
  link.addresses = {"192.0.2.1/24"};
  keeper_->LinksChanged({link});
  EXPECT_EQ(applied_.size(), 2u);
}

TEST_F(RevisionKeeperTest, RefusesWhatWasDamagedOnTheWay) {
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  const std::string before = KernelDigest();
  v1::Push damaged = MakePush(2, 23);
  damaged.mutable_policy()->back() ^= 1;
  ASSERT_TRUE(keeper_->Take(damaged).ok());
  RunToTheNextAnswer();
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_EQ(refused_[0].kind(), v1::Refusal::refused);
  EXPECT_EQ(KernelDigest(), before);
  EXPECT_EQ(keeper_->receipt()->revision(), 1u);
}

TEST_F(RevisionKeeperTest, AsksForAPolicyThatItDoesNotHave) {
  v1::Push brief = MakePush(1, 22);
  brief.clear_policy();
  EXPECT_TRUE(absl::IsFailedPrecondition(keeper_->Take(brief)));
}

TEST_F(RevisionKeeperTest, ANewerRevisionTakesTheTrialsPlace) {
  hang_ = true;
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  hang_ = false;
  ASSERT_TRUE(keeper_->Take(MakePush(2, 23)).ok());
  RunToTheNextAnswer();
  ASSERT_EQ(applied_.size(), 1u);
  EXPECT_EQ(applied_[0].revision(), 2u);
}

TEST_F(RevisionKeeperTest, ARevisionThatWasUndoneIsAppliedWhenTheControllerIsBack) {
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  reachable_ = false;
  ASSERT_TRUE(keeper_->Take(MakePush(2, 23)).ok());
  const std::string on_trial = KernelDigest();
  RunToTheNextAnswer();
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_TRUE(refused_[0].trying_again());
  reachable_ = true;
  RunToTheNextAnswer();
  ASSERT_EQ(applied_.size(), 2u);
  EXPECT_EQ(applied_[1].revision(), 2u);
  EXPECT_EQ(KernelDigest(), on_trial);
  EXPECT_EQ(state_->ReadGood()->revision(), 2u);
  EXPECT_FALSE(keeper_->refusal().has_value());
}

TEST_F(RevisionKeeperTest, ARevisionThatCutsTheHostOffIsTriedSomeTimesAndThenBlamed) {
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  const std::string before = KernelDigest();
  ASSERT_TRUE(keeper_->Take(MakePush(2, 23)).ok());
  unless_ = KernelDigest();
  while (refused_.empty() || refused_.back().trying_again()) {
    RunToTheNextAnswer();
    ASSERT_FALSE(HasFailure());
    EXPECT_EQ(KernelDigest(), before);
  }
  EXPECT_EQ(refused_.size(), lifecycle::kEnoughEvidence + 1u) << "each time, and in the end";
  // The controller pushed the revision again before it heard of the refusal.
  const size_t told = refused_.size();
  ASSERT_TRUE(keeper_->Take(MakePush(2, 23)).ok());
  RunToTheNextAnswer();
  ASSERT_EQ(refused_.size(), told + 1);
  EXPECT_EQ(refused_.back().revision(), 2u);
  EXPECT_EQ(KernelDigest(), before);
  // The same holds after a restart.
  RestartAgent();
  ASSERT_TRUE(keeper_->Start({}).ok());
  ASSERT_TRUE(keeper_->refusal().has_value());
  ASSERT_TRUE(keeper_->Take(MakePush(2, 23)).ok());
  RunToTheNextAnswer();
  EXPECT_EQ(refused_.size(), 1u);
  EXPECT_EQ(KernelDigest(), before);
  unless_.reset();
  ASSERT_TRUE(keeper_->Take(MakePush(3, 23)).ok());
  while (applied_.empty()) {
    RunToTheNextAnswer();
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_EQ(applied_.back().revision(), 3u) << "a new revision is a new attempt";
}

TEST_F(RevisionKeeperTest, ADiskThatCannotBeWrittenRefusesTheRevision) {
  ASSERT_TRUE(std::filesystem::create_directory(directory_.path() + "/policy.trial.new"));
  ASSERT_TRUE(keeper_->Take(MakePush(1, 22)).ok());
  RunToTheNextAnswer();
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_THAT(refused_[0].reason(), HasSubstr("policy.trial"));
  EXPECT_TRUE(refused_[0].trying_again());
  EXPECT_EQ(KernelDigest(), "");
  // The cause of the failure passes.
  ASSERT_TRUE(std::filesystem::remove(directory_.path() + "/policy.trial.new"));
  RunToTheNextAnswer();
  ASSERT_EQ(applied_.size(), 1u);
  EXPECT_EQ(applied_[0].revision(), 1u);
  EXPECT_FALSE(keeper_->refusal().has_value());
}

TEST_F(RevisionKeeperTest, ARevisionForAnInterfaceThatIsABridgeIsAppliedWhenItIsOneNoLonger) {
  const Link link = {.name = "lan", .index = 2, .type = "ethernet"};
  Link bridge = link;
  bridge.type = "bridge";
  keeper_->LinksChanged({bridge});
  v1::EffectivePolicy policy = MakePolicy(22);
  v1::InterfaceLayer& section = *policy.mutable_locations(0)->mutable_layers(0)->add_interfaces();
  section.mutable_match()->add_names("lan");
  section.mutable_settings()->set_firewall(v1::Firewall::on);
  section.mutable_settings()->set_firewall_policy("p");
  ASSERT_TRUE(keeper_->Take(MakePush(1, policy)).ok());
  RunToTheNextAnswer();
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_TRUE(refused_[0].trying_again());
  keeper_->LinksChanged({link});
  RunToTheNextAnswer();
  ASSERT_EQ(applied_.size(), 1u) << refused_.back().reason();
}

}  // namespace
}  // namespace firebreak::agent
