// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/links/links.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/if_arp.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "agent/kernel/links/interface_type.h"

namespace firebreak::agent {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::Contains;
using testing::Field;
using testing::IsSupersetOf;
using testing::Not;

TEST(InterfaceType, TellsKindsApart) {
  EXPECT_EQ(InterfaceType({.hardware = ARPHRD_LOOPBACK}), "loopback");
  EXPECT_EQ(InterfaceType({.hardware = ARPHRD_ETHER}), "ethernet");
  EXPECT_EQ(InterfaceType({.hardware = ARPHRD_ETHER, .wireless = true}), "wireless");
  EXPECT_EQ(InterfaceType({.hardware = ARPHRD_NONE, .kind = "wireguard"}), "vpn");
  EXPECT_EQ(InterfaceType({.hardware = ARPHRD_ETHER, .kind = "bridge"}), "bridge");
  EXPECT_EQ(InterfaceType({.hardware = ARPHRD_ETHER, .kind = "veth"}), "ethernet");
  EXPECT_EQ(InterfaceType({.hardware = ARPHRD_ETHER, .kind = "veth", .has_master = true}),
            "container");
  EXPECT_EQ(InterfaceType({.hardware = ARPHRD_PPP}), "ppp");
  EXPECT_EQ(InterfaceType({.hardware = ARPHRD_INFINIBAND}), "other");
}

// The test runs in a network namespace of its own, which ends with the process.
TEST(Links, SeesInterfacesComeAndChange) {
  if (unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs root";
  auto links = Links::Open();
  ASSERT_TRUE(links.ok()) << links.status();
  ASSERT_EQ(
      system(
          "ip link add name left type veth peer name right && ip link add name br0 type bridge &&"
          "ip link set right master br0 && ip address add 192.0.2.1/24 dev left &&"
          "ip link set left up && ip link set right up"),
      0);
  pollfd entry = {links->descriptor(), POLLIN, 0};
  ASSERT_EQ(poll(&entry, 1, 5000), 1);
  links->Drain();
  entry.revents = 0;
  const auto seen = links->Read();
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_THAT(*seen, Contains(AllOf(Field(&Link::name, "left"), Field(&Link::type, "ethernet"),
                                    Field(&Link::addresses, Contains("192.0.2.1/24")))));
  EXPECT_THAT(*seen, Contains(AllOf(Field(&Link::name, "right"), Field(&Link::type, "container"))));
  EXPECT_THAT(*seen, Contains(AllOf(Field(&Link::name, "br0"), Field(&Link::type, "bridge"))));
  EXPECT_THAT(*seen, Contains(Field(&Link::type, "loopback")));
}

// Sets up a bridge with two ports, and interfaces on top of the bridge, in a network namespace of
// the test's own.
class LossesTest : public testing::Test {
 protected:
  void SetUp() override {
    if (unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs root";
    Run("ip link add br9 type bridge && ip link add office type veth peer name office-end && "
        "ip link add cafe type veth peer name cafe-end && ip link set office master br9 && "
        "ip link set cafe master br9 && ip link add container link br9 type macvlan && "
        "for i in br9 office office-end cafe cafe-end container; do ip link set $i up; done && "
        "ip link add vpn type veth peer name vpn-end && "
        // It takes the kernel a moment to notice that the links are up.
        "until [ $(ip link | grep -c 'state UP') = 6 ]; do sleep 0.05; done");
    auto opened = Links::Open();
    ASSERT_TRUE(opened.ok()) << opened.status();
    links_.emplace(*std::move(opened));
    const auto read = links_->Read();
    ASSERT_TRUE(read.ok()) << read.status();
    for (const Link& link : *read) names_[link.index] = link.name;
  }

  void Run(const char* command) { ASSERT_EQ(system(command), 0) << command; }

  // Returns all interfaces that lost something until `name` did; empty if `name` loses nothing for
  // a while.
  std::set<std::string> Lost(const std::string& name) {
    std::set<std::string> lost;
    pollfd entry = {links_->descriptor(), POLLIN, 0};
    while (!lost.contains(name)) {
      if (poll(&entry, 1, 5000) != 1) return {};
      const Links::Losses losses = links_->Drain();
      EXPECT_FALSE(losses.all);
      for (const uint32_t index : losses.interfaces) {
        lost.insert(names_[index]);
      }
    }
    return lost;
  }

  std::optional<Links> links_;
  std::map<uint32_t, std::string> names_;
};

TEST_F(LossesTest, ABridgeLosesWithAPortWhoseCarrierIsCut) {
  Run("ip link set office-end down");
  EXPECT_THAT(Lost("container"), AllOf(IsSupersetOf({"office", "br9"}), Not(Contains("cafe"))));
}

TEST_F(LossesTest, ABridgeLosesWithAPortThatIsSwitchedOff) {
  Run("ip link set office down");
  EXPECT_THAT(Lost("container"), Contains("br9"));
}

TEST_F(LossesTest, ABridgeLosesWithAPortThatLeaves) {
  Run("ip link set office nomaster");
  EXPECT_THAT(Lost("container"), IsSupersetOf({"office", "br9"}));
}

TEST_F(LossesTest, ABridgeLosesWithAPortThatIsDeleted) {
  Run("ip link delete office");
  EXPECT_THAT(Lost("container"), IsSupersetOf({"office", "br9"}));
}

TEST_F(LossesTest, ABridgeLosesWithAPortThatComes) {
  Run("ip link set vpn master br9");
  EXPECT_THAT(Lost("container"), Contains("br9"));
}

TEST_F(LossesTest, WhatIsBesideABridgeIsNothingToIt) {
  Run("ip link set cafe-end mtu 1400 && ip link set cafe mtu 1400 && ip link set br9 mtu 1400 && "
      "ip address add 192.0.2.1/24 dev br9 && ip link set vpn up && ip link set vpn-end up && "
      "ip link set vpn-end down");
  EXPECT_THAT(Lost("vpn"), Not(AnyOf(Contains("br9"), Contains("container"), Contains("cafe"))));
}

TEST_F(LossesTest, WhoHasMissedEventsTellsSoUntilItHasReadAgain) {
  Links missed = *Links::Open();
  EXPECT_TRUE(missed.Drain().all);
  ASSERT_TRUE(missed.Read().ok());
  EXPECT_FALSE(missed.Drain().all);
}

}  // namespace
}  // namespace firebreak::agent
