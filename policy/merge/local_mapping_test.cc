// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/local_mapping.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/merge/check_effective.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

v1::EffectivePolicy Policy(const std::vector<v1::LocalControl::Level>& levels) {
  v1::EffectivePolicy policy;
  policy.set_managed(true);
  const std::vector<std::string> names = {"elsewhere", "corp"};
  for (size_t i = 0; i < levels.size(); ++i) {
    v1::EffectiveLocation& location = *policy.add_locations();
    location.set_name(names[i]);
    if (i != 0) {
      location.mutable_proof()->set_name(names[i]);
    }
    location.mutable_host()->set_local_control(levels[i]);
    v1::Mapping& block = *location.add_layers()->mutable_settings()->mutable_inbound()->add_items();
    block.set_name("no-telnet");
    block.set_policy("fleet");
    block.set_action(v1::Traffic::block);
    v1::PortRange& ports = *block.add_ports();
    ports.set_protocol(6);
    ports.set_first(23);
    ports.set_last(23);
  }
  return policy;
}

v1::LocalMapping Open(const std::string& name, const std::string& interface = "",
                      const std::string& location = "") {
  v1::LocalMapping mapping;
  mapping.mutable_mapping()->set_name(name);
  mapping.mutable_mapping()->set_protocol("tcp");
  mapping.mutable_mapping()->add_ports("8080");
  mapping.set_interface(interface);
  mapping.set_location(location);
  mapping.set_reason("a game");
  return mapping;
}

std::vector<std::string> InboundOf(const v1::EffectivePolicy& policy, int location,
                                   const std::string& interface) {
  std::vector<std::string> names;
  for (const v1::Mapping* one :
       ProfileOf(policy.locations(location), interface, "ethernet").inbound) {
    names.push_back(one->policy() + "/" + one->name());
  }
  return names;
}

TEST(LocalMappingTest, StandsBelowWhatThePolicySays) {
  v1::EffectivePolicy policy = Policy({v1::LocalControl::allow, v1::LocalControl::confirm});
  v1::LocalMappings mappings;
  *mappings.add_open() = Open("game");
  *mappings.add_asked() = Open("wish");
  ApplyLocalMappings(mappings, policy);
  for (int location : {0, 1}) {
    EXPECT_THAT(InboundOf(policy, location, "eth0"), ElementsAre("fleet/no-telnet", "local/game"));
  }
  const v1::Mapping& mapping = policy.locations(0).layers(1).settings().inbound().items(0);
  EXPECT_EQ(mapping.description(), "a game");
  EXPECT_EQ(mapping.expires(), 0);
  EXPECT_TRUE(CheckEffective(Policy({v1::LocalControl::allow})).ok());
}

TEST(LocalMappingTest, HoldsWhereItSaysAndWhereItMay) {
  v1::EffectivePolicy policy = Policy({v1::LocalControl::deny, v1::LocalControl::allow});
  v1::LocalMappings mappings;
  *mappings.add_open() = Open("all");
  *mappings.add_open() = Open("one", "eth0");
  *mappings.add_open() = Open("other", "eth1");
  *mappings.add_open() = Open("here", "", "elsewhere");
  *mappings.add_open() = Open("there", "", "corp");
  ApplyLocalMappings(mappings, policy);
  EXPECT_THAT(InboundOf(policy, 0, "eth0"), ElementsAre("fleet/no-telnet"));
  EXPECT_THAT(InboundOf(policy, 1, "eth0"),
              ElementsAre("fleet/no-telnet", "local/all", "local/there", "local/one"));
  EXPECT_THAT(InboundOf(policy, 1, "eth1"),
              ElementsAre("fleet/no-telnet", "local/all", "local/there", "local/other"));
  EXPECT_FALSE(LetsOpen(policy, mappings.open(3)));
  EXPECT_TRUE(LetsOpen(policy, mappings.open(4)));
  EXPECT_TRUE(LetsOpen(policy, mappings.open(0)));
}

TEST(LocalMappingTest, EndsWithItsTime) {
  v1::EffectivePolicy policy = Policy({v1::LocalControl::allow});
  v1::LocalMappings mappings;
  *mappings.add_open() = Open("game");
  mappings.mutable_open(0)->mutable_ends()->set_seconds(1'800'000'000);
  ApplyLocalMappings(mappings, policy);
  EXPECT_EQ(policy.locations(0).layers(1).settings().inbound().items(0).expires(), 1'800'000'000);
}

TEST(LocalMappingTest, CanBeTakenOutAgain) {
  const v1::EffectivePolicy before = Policy({v1::LocalControl::allow, v1::LocalControl::allow});
  v1::EffectivePolicy policy = before;
  v1::LocalMappings mappings;
  *mappings.add_open() = Open("all");
  *mappings.add_open() = Open("one", "eth0");
  ApplyLocalMappings(mappings, policy);
  EXPECT_TRUE(RemoveLocalMappings(policy));
  EXPECT_EQ(policy.SerializeAsString(), before.SerializeAsString());
  EXPECT_FALSE(RemoveLocalMappings(policy));
}

TEST(LocalMappingTest, OpensNothingWithoutAPolicyOrWithoutSense) {
  v1::EffectivePolicy unmanaged;
  v1::LocalMappings mappings;
  *mappings.add_open() = Open("game");
  ApplyLocalMappings(mappings, unmanaged);
  EXPECT_THAT(unmanaged.locations(), IsEmpty());
  EXPECT_FALSE(LetsOpen(unmanaged, mappings.open(0)));
  EXPECT_NE(FindLocalMapping(mappings, "game"), nullptr);
  EXPECT_EQ(FindLocalMapping(mappings, "other"), nullptr);
}

}  // namespace
}  // namespace firebreak::policy
