// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/protobuf/text_format.h"

namespace firebreak::policy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

v1::EffectiveLocation Location(const char* text) {
  v1::EffectiveLocation location;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &location));
  return location;
}

std::vector<std::string> Names(const std::vector<const v1::Mapping*>& mappings) {
  std::vector<std::string> names;
  names.reserve(mappings.size());
  for (const v1::Mapping* mapping : mappings) names.push_back(mapping->name());
  return names;
}

constexpr char kLayers[] = R"(
  name: "elsewhere"
  layers {
    settings { inbound { items { name: "a" } } }
    interfaces {
      match { names: "eth0" }
      settings { firewall: off firewall_policy: "top" inbound { } }
    }
    interfaces {
      match { names: "eth*" types: "ethernet" }
      settings { icmp { items: "redirect" } icmp_policy: "top" }
    }
  }
  layers {
    settings {
      firewall: observe firewall_policy: "low"
      inbound { items { name: "b" } }
      icmp { items: "echo-request" } icmp_policy: "low"
      outbound_default: block outbound_default_policy: "low"
      outbound { items { name: "c" } }
    }
    interfaces {
      match { types: "wireless" }
      settings { outbound_default: allow outbound_default_policy: "low" outbound { } }
    }
  }
)";

TEST(Profile, BeginsClosedWhereNoPolicySaysAnything) {
  const v1::EffectiveLocation location = Location("name: \"elsewhere\"");
  const Profile profile = BaseProfileOf(location);
  EXPECT_EQ(profile.firewall, v1::Firewall::on);
  EXPECT_THAT(profile.inbound, IsEmpty());
  EXPECT_THAT(profile.icmp, IsEmpty());
  EXPECT_EQ(profile.outbound_default, v1::Traffic::allow);
  EXPECT_TRUE(IsBase(profile.sections));
}

TEST(Profile, OfTheBaseAddsListsAndTakesTheFirstValue) {
  const v1::EffectiveLocation location = Location(kLayers);
  const Profile profile = ProfileOf(location, "wg0", "vpn");
  EXPECT_THAT(Names(profile.inbound), ElementsAre("a", "b"));
  EXPECT_THAT(Names(profile.outbound), ElementsAre("c"));
  EXPECT_EQ(profile.firewall, v1::Firewall::observe);
  EXPECT_EQ(profile.firewall_policy, "low");
  EXPECT_THAT(profile.icmp, ElementsAre(IcmpOption::kEchoRequest));
  EXPECT_EQ(profile.outbound_default, v1::Traffic::block);
  EXPECT_TRUE(IsBase(profile.sections));
  EXPECT_FALSE(profile.own_inbound);
  EXPECT_EQ(profile.sections, BaseProfileOf(location).sections);
}

TEST(Profile, ASectionReplacesWhatItSetsInItsLayerAlone) {
  const v1::EffectiveLocation location = Location(kLayers);
  const Profile eth0 = ProfileOf(location, "eth0", "ethernet");
  EXPECT_THAT(Names(eth0.inbound), ElementsAre("b")) << "the empty list replaces its layer's";
  EXPECT_EQ(eth0.firewall, v1::Firewall::off);
  EXPECT_EQ(eth0.firewall_policy, "top");
  EXPECT_THAT(eth0.icmp, ElementsAre(IcmpOption::kEchoRequest)) << "the first section holds alone";
  EXPECT_THAT(eth0.sections, ElementsAre(0, -1));
  EXPECT_TRUE(eth0.own_inbound);
  EXPECT_FALSE(eth0.own_outbound);

  const Profile eth1 = ProfileOf(location, "eth1", "ethernet");
  EXPECT_THAT(Names(eth1.inbound), ElementsAre("a", "b"));
  EXPECT_THAT(eth1.icmp, ElementsAre(IcmpOption::kRedirect));
  EXPECT_EQ(eth1.icmp_policy, "top");
  EXPECT_FALSE(eth1.own_inbound);
  EXPECT_FALSE(IsBase(eth1.sections));

  const Profile wlan0 = ProfileOf(location, "wlan0", "wireless");
  EXPECT_EQ(wlan0.outbound_default, v1::Traffic::allow);
  EXPECT_THAT(wlan0.outbound, IsEmpty());
  EXPECT_TRUE(wlan0.own_outbound);
}

TEST(Matches, NeedsEveryListThatIsGiven) {
  v1::InterfaceMatch match;
  match.add_names("eth*");
  match.add_names("wan");
  EXPECT_TRUE(Matches(match, "eth0", "bridge"));
  EXPECT_TRUE(Matches(match, "eth", "bridge"));
  EXPECT_TRUE(Matches(match, "wan", "other"));
  EXPECT_FALSE(Matches(match, "wan0", "other"));
  EXPECT_FALSE(Matches(match, "xeth0", "other"));
  match.add_types("ethernet");
  EXPECT_TRUE(Matches(match, "eth0", "ethernet"));
  EXPECT_FALSE(Matches(match, "eth0", "bridge"));
  EXPECT_FALSE(Matches(match, "br0", "ethernet"));
}

}  // namespace
}  // namespace firebreak::policy
