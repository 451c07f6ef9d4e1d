// SPDX-License-Identifier: Apache-2.0

// Runs a real beacon over the loopback interface of a network namespace of the test's own, with the
// loopback interface in the role of a link.

#include "agent/location/locator.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/location/test_beacon.h"
#include "base/descriptor/descriptor.h"

namespace firebreak::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

// Makes this process believe that the host has slept for an hour: enters a time namespace in which
// CLOCK_BOOTTIME is an hour ahead and CLOCK_MONOTONIC is unchanged.
bool SleepAnHour() {
  if (unshare(CLONE_NEWTIME) != 0) return false;
  std::ofstream offsets("/proc/self/timens_offsets");
  offsets << "boottime 3600 0\n";
  offsets.close();
  const Descriptor there(open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC));
  return offsets.good() && setns(there.get(), CLONE_NEWTIME) == 0;
}

class LocatorTest : public testing::Test, public Leases, public Locator::Listener {
 protected:
  absl::Status Put(const std::string& location, uint32_t index,
                   std::chrono::milliseconds lease) override {
    if (!kernel_.ok()) {
      ++refused_puts_;
      loop_.Stop();
    }
    leases_[location] = {index, lease};
    return kernel_;
  }
  absl::Status End(const std::string& location, uint32_t) override {
    leases_.erase(location);
    return absl::OkStatus();
  }
  void Moved(const Locator::Move& move) override {
    moves_.push_back(move);
    leases_at_move_ = leases_;
    loop_.Stop();
  }
  void LocationRefused(const v1::LocationEvent& event) override {
    refused_.push_back(event);
    loop_.Stop();
  }

  void SetUp() override {
    if (!TestBeacon::EnterNamespace()) GTEST_SKIP() << "needs root";
    v1::EffectiveLocation& corp = *Add("corp");
    *corp.mutable_proof()->add_beacons() = beacon_.MakeLocation("corp", "keys");
    corp.mutable_proof()->mutable_lease()->set_seconds(3);
    beacon_.Serve("corp", "keys");
    locator_.emplace(loop_, *this, *this);
    link_ = {};
    link_.index = 1;
    link_.name = "lo";
    link_.type = "ethernet";
    link_.up = true;
    link_.addresses = {"127.0.0.1/8"};
  }

  v1::EffectiveLocation* Add(const std::string& name) {
    policy_.set_managed(true);
    if (policy_.locations().empty()) policy_.add_locations()->set_name("elsewhere");
    v1::EffectiveLocation* location = policy_.add_locations();
    location->set_name(name);
    location->mutable_proof()->set_name(name);
    return location;
  }

  // Runs the loop until an interface has moved or an answer was refused. Returns at once if that
  // happened before the call.
  void Run() { loop_.Run(); }
  void Promote() {
    locator_->SetPolicy(policy_);
    locator_->SetLinks({link_});
    Run();
    ASSERT_EQ(locator_->At("lo"), "corp");
  }
  v1::InterfaceState Describe() const {
    v1::InterfaceState state;
    state.set_name("lo");
    locator_->Describe(state);
    return state;
  }

  TestBeacon beacon_;
  v1::EffectivePolicy policy_;
  Link link_;
  EventLoop loop_;
  absl::Status kernel_;
  int refused_puts_ = 0;
  std::map<std::string, std::pair<uint32_t, std::chrono::milliseconds>> leases_;
  std::map<std::string, std::pair<uint32_t, std::chrono::milliseconds>> leases_at_move_;
  std::vector<Locator::Move> moves_;
  std::vector<v1::LocationEvent> refused_;
  std::optional<Locator> locator_;
};

TEST_F(LocatorTest, TwoProofsPromoteAndTheKernelHasTheLease) {
  const auto begun = EventLoop::Clock::now();
  Promote();
  EXPECT_GE(EventLoop::Clock::now() - begun, policy::kBetweenFirstProofs);
  ASSERT_EQ(leases_.size(), 1);
  EXPECT_EQ(leases_.at("corp").first, 1);
  EXPECT_LE(leases_.at("corp").second, std::chrono::seconds(3));
  EXPECT_EQ(moves_.at(0).before, "elsewhere");
  EXPECT_THAT(Describe().evidence(), HasSubstr("beacon.corp.internal"));
  EXPECT_GT(Describe().proven_at().seconds(), 0);
}

TEST_F(LocatorTest, WhatHappensToTheLinkTakesTheLeaseAwayAtOnce) {
  Promote();
  Links::Losses losses;
  losses.interfaces = {1};
  locator_->Lose(losses);
  EXPECT_THAT(leases_, IsEmpty());
  EXPECT_EQ(locator_->At("lo"), "elsewhere");
  EXPECT_EQ(moves_.back().reason, "its link changed");
}

TEST_F(LocatorTest, AnotherAddressIsAnotherPlace) {
  Promote();
  link_.addresses.push_back("127.0.0.2/8");
  locator_->SetLinks({link_});
  EXPECT_THAT(leases_, IsEmpty());
  EXPECT_EQ(moves_.back().reason, "its addresses changed");
  // The interface is proven to be at the location again.
  while (locator_->At("lo") != "corp") Run();
  EXPECT_EQ(moves_.size(), 3);
}

TEST_F(LocatorTest, TrustEndsWhenTheHostWakes) {
  Promote();
  ASSERT_TRUE(SleepAnHour());
  Run();  // until the next renewal
  EXPECT_THAT(leases_, IsEmpty());
  EXPECT_EQ(moves_.back().now, "elsewhere");
  EXPECT_EQ(moves_.back().reason, "the host has slept");
}

TEST_F(LocatorTest, ABeaconThatFallsSilentEndsIt) {
  Promote();
  beacon_.Stop();
  Run();
  EXPECT_EQ(moves_.back().now, "elsewhere");
  EXPECT_EQ(moves_.back().reason, "its proof was not renewed in time");
  EXPECT_THAT(leases_at_move_, IsEmpty()) << "the kernel's own clock may end it later";
  ASSERT_EQ(Describe().refusals_size(), 1);
  EXPECT_GT(Describe().refusals(0).attempts(), 0);
}

TEST_F(LocatorTest, WhatTheKernelDoesNotTakeIsNotBelieved) {
  kernel_ = absl::InternalError("no memory");
  locator_->SetPolicy(policy_);
  locator_->SetLinks({link_});
  while (refused_puts_ < 2) Run();
  EXPECT_THAT(moves_, IsEmpty());
  EXPECT_EQ(locator_->At("lo"), "elsewhere");
}

TEST_F(LocatorTest, ALeaseThatCannotBeRenewedIsTakenOut) {
  Promote();
  ASSERT_EQ(leases_.size(), 1u);
  kernel_ = absl::InternalError("no memory");
  while (moves_.size() < 2) Run();
  EXPECT_EQ(moves_.back().now, "elsewhere");
  EXPECT_THAT(leases_, IsEmpty());
}

// The same when the rules are written anew.
TEST_F(LocatorTest, ALeaseThatNewRulesDoNotTakeIsNotBelieved) {
  Promote();
  kernel_ = absl::InternalError("no memory");
  locator_->SetPolicy(policy_);
  EXPECT_EQ(locator_->At("lo"), "elsewhere");
  EXPECT_THAT(leases_, IsEmpty());
}

TEST_F(LocatorTest, AnImpostorIsToldOfOnce) {
  beacon_.MakeLocation("corp", "impostor");
  beacon_.Serve("corp", "impostor");
  locator_->SetPolicy(policy_);
  locator_->SetLinks({link_});
  Run();
  ASSERT_EQ(refused_.size(), 1);
  EXPECT_THAT(refused_[0].reason(), HasSubstr("certificate is not valid"));
  while (Describe().refusals_size() == 0 || Describe().refusals(0).attempts() < 3) {
    loop_.RunAfter(std::chrono::milliseconds(20), [this] { loop_.Stop(); });
    Run();
  }
  EXPECT_EQ(refused_.size(), 1);
  EXPECT_THAT(leases_, IsEmpty());
}

TEST_F(LocatorTest, APolicyWithoutTheLocationEndsIt) {
  Promote();
  v1::EffectivePolicy without;
  without.set_managed(true);
  without.add_locations()->set_name("elsewhere");
  locator_->SetPolicy(without);
  EXPECT_THAT(leases_, IsEmpty());
  EXPECT_EQ(moves_.back().reason, "the fleet's policy changed");
}

TEST_F(LocatorTest, RulesThatWereMadeAnewGetTheLeaseThatIsLeft) {
  Promote();
  leases_.clear();
  locator_->SetPolicy(policy_);
  EXPECT_THAT(leases_, ElementsAre(Pair("corp", testing::_)));
  EXPECT_LT(leases_.at("corp").second, std::chrono::seconds(3));
}

}  // namespace
}  // namespace firebreak::agent
