// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/local_switch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/merge/check_effective.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

v1::LocalSwitch Switch(v1::Firewall::Mode mode, const std::string& interface = "",
                       const std::string& location = "") {
  v1::LocalSwitch made;
  made.set_mode(mode);
  made.set_interface(interface);
  made.set_location(location);
  return made;
}

constexpr auto kOff = v1::Firewall::off;
constexpr auto kAsPolicy = v1::Firewall::unspecified;

// Returns a policy with two locations beside elsewhere; `levels` are the levels of the locations,
// elsewhere first.
v1::EffectivePolicy Policy(std::vector<v1::LocalControl::Level> levels) {
  v1::EffectivePolicy policy;
  policy.set_managed(true);
  const char* names[] = {"elsewhere", "corp", "lab"};
  for (size_t i = 0; i < levels.size(); ++i) {
    v1::EffectiveLocation& location = *policy.add_locations();
    location.set_name(names[i]);
    v1::Layer& layer = *location.add_layers();
    layer.mutable_settings()->set_firewall(v1::Firewall::on);
    layer.mutable_settings()->set_firewall_policy("fleet");
    if (levels[i] == v1::LocalControl::unspecified) continue;
    location.mutable_host()->set_local_control(levels[i]);
    location.mutable_host()->set_local_control_policy(absl::StrCat("of-", names[i]));
  }
  return policy;
}

constexpr auto kUnset = v1::LocalControl::unspecified;
constexpr auto kDeny = v1::LocalControl::deny;
constexpr auto kConfirm = v1::LocalControl::confirm;
constexpr auto kAllow = v1::LocalControl::allow;

std::vector<std::pair<std::string, std::string>> Selected(const v1::LocalSwitches& switches) {
  std::vector<std::pair<std::string, std::string>> selected;
  for (const v1::LocalSwitch& one : switches.items()) {
    selected.emplace_back(one.interface(), one.location());
  }
  return selected;
}

TEST(LocalSwitch, AnEqualOrNarrowerOneIsReplaced) {
  v1::LocalSwitches switches;
  AddSwitch(Switch(kOff, "eth0"), switches);
  AddSwitch(Switch(kOff, "eth0", "corp"), switches);
  AddSwitch(Switch(kOff, "eth1"), switches);
  EXPECT_THAT(Selected(switches),
              ElementsAre(Pair("eth1", ""), Pair("eth0", "corp"), Pair("eth0", "")));
  AddSwitch(Switch(kOff, "eth0"), switches);
  EXPECT_THAT(Selected(switches), ElementsAre(Pair("eth0", ""), Pair("eth1", "")));
}

TEST(LocalSwitch, EnablingAllEndsAll) {
  v1::LocalSwitches switches;
  AddSwitch(Switch(kOff), switches);
  AddSwitch(Switch(kOff, "eth0", "corp"), switches);
  EXPECT_TRUE(EndSwitches(Switch(kAsPolicy), switches).ok());
  EXPECT_THAT(switches.items(), IsEmpty());
}

TEST(LocalSwitch, WhatHoldsElsewhereTooEndsOnlyAsAWhole) {
  v1::LocalSwitches switches;
  AddSwitch(Switch(kOff, "", "corp"), switches);
  AddSwitch(Switch(kOff, "eth1"), switches);
  const absl::Status status = EndSwitches(Switch(kAsPolicy, "eth0"), switches);
  EXPECT_THAT(std::string(status.message()), HasSubstr("firebreak --local enable --at corp"));
  EXPECT_FALSE(EndSwitches(Switch(kAsPolicy, "eth1"), switches).ok());
  EXPECT_THAT(Selected(switches), ElementsAre(Pair("eth1", ""), Pair("", "corp")));
  EXPECT_TRUE(EndSwitches(Switch(kAsPolicy, "eth0", "lab"), switches).ok());
  EXPECT_FALSE(EndSwitches(Switch(kAsPolicy, "", "corp"), switches).ok());
  EXPECT_TRUE(EndSwitches(Switch(kAsPolicy), switches).ok());
}

TEST(LocalSwitch, TheFirstThatConcernsAnInterfaceDecides) {
  v1::LocalSwitches switches;
  AddSwitch(Switch(kOff, "", "corp"), switches);
  AddSwitch(Switch(kOff, "eth0"), switches);
  EXPECT_EQ(FindSwitch(switches, "eth0", "corp"), &switches.items(0));
  EXPECT_EQ(FindSwitch(switches, "eth1", "corp"), &switches.items(1));
  EXPECT_EQ(FindSwitch(switches, "eth1", "elsewhere"), nullptr);
}

TEST(LocalSwitch, WhatItDecidesIsTheProfilesFirewall) {
  v1::LocalSwitches switches;
  AddSwitch(Switch(kOff, "", "corp"), switches);
  AddSwitch(Switch(kOff, "eth1"), switches);
  v1::EffectivePolicy policy = Policy({kAllow, kConfirm, kDeny});
  ApplySwitches(switches, policy);
  ASSERT_TRUE(CheckEffective(policy).ok()) << CheckEffective(policy);
  std::map<std::pair<std::string, std::string>, std::string> by;
  for (const v1::EffectiveLocation& location : policy.locations()) {
    for (const char* interface : {"eth0", "eth1", "eth2"}) {
      const Profile profile = ProfileOf(location, interface, "ethernet");
      by[{location.name(), interface}] = profile.firewall_policy;
      EXPECT_EQ(profile.firewall == v1::Firewall::off, profile.firewall_policy == kLocalPolicy);
    }
  }
  EXPECT_THAT(
      by, ElementsAre(Pair(Pair("corp", "eth0"), "local"), Pair(Pair("corp", "eth1"), "local"),
                      Pair(Pair("corp", "eth2"), "local"), Pair(Pair("elsewhere", "eth0"), "fleet"),
                      Pair(Pair("elsewhere", "eth1"), "local"),
                      Pair(Pair("elsewhere", "eth2"), "fleet"),
                      // The switch does not hold at the lab, where the policy denies it.
                      Pair(Pair("lab", "eth0"), "fleet"), Pair(Pair("lab", "eth1"), "fleet"),
                      Pair(Pair("lab", "eth2"), "fleet")));
}

TEST(LocalSwitch, AnUnmanagedHostHasNothingToSwitch) {
  v1::LocalSwitches switches;
  AddSwitch(Switch(kOff), switches);
  v1::EffectivePolicy policy;
  policy.add_locations()->set_name("elsewhere");
  ApplySwitches(switches, policy);
  EXPECT_THAT(policy.locations(0).layers(), IsEmpty());
  EXPECT_EQ(RemoveForbidden(policy, switches).size(), 1);
}

TEST(LocalSwitch, PermissionIsThatOfTheHostAndOfWhereItHolds) {
  struct Case {
    std::vector<v1::LocalControl::Level> levels;
    int host_at;
    std::string wanted_at;
    v1::LocalControl::Level level;
    const char* reason;
  };
  const Case cases[] = {
      {{kUnset}, 0, "", kDeny, "no policy sets local_control"},
      {{kDeny}, 0, "", kDeny, "policy of-elsewhere says local_control: deny"},
      {{kAllow}, 0, "", kAllow, "policy of-elsewhere"},
      {{kConfirm}, 0, "", kConfirm, "policy of-elsewhere says local_control: confirm"},
      // At elsewhere nothing may be switched, not even for corp.
      {{kDeny, kAllow}, 0, "corp", kDeny, "at elsewhere"},
      // At corp switching is allowed, and the switch holds there only.
      {{kDeny, kAllow}, 1, "", kAllow, "of-corp"},
      {{kDeny, kAllow}, 1, "elsewhere", kDeny, "of-elsewhere"},
      // A switch that would hold at both must be confirmed if one of them demands that.
      {{kConfirm, kAllow}, 1, "", kConfirm, "of-elsewhere"},
      {{kConfirm, kAllow}, 1, "corp", kAllow, "of-corp"},
      {{kConfirm, kAllow}, 0, "corp", kConfirm, "of-elsewhere"},
      {{kAllow, kAllow}, 0, "lab", kDeny, "knows no location lab"},
  };
  for (const Case& one : cases) {
    const v1::EffectivePolicy policy = Policy(one.levels);
    const LocalPermission permission =
        PermissionFor(policy, policy.locations(one.host_at), Switch(kOff, "", one.wanted_at));
    EXPECT_EQ(permission.level, one.level) << permission.reason;
    EXPECT_THAT(permission.reason, HasSubstr(one.reason));
  }
}

TEST(LocalSwitch, APolicyThatDeniesItNowEndsIt) {
  v1::LocalSwitches switches;
  AddSwitch(Switch(kOff), switches);
  AddSwitch(Switch(kOff, "", "corp"), switches);
  EXPECT_THAT(RemoveForbidden(Policy({kConfirm, kAllow}), switches), IsEmpty());
  const auto taken = RemoveForbidden(Policy({kConfirm, kDeny}), switches);
  ASSERT_EQ(taken.size(), 1);
  EXPECT_EQ(taken[0].location(), "corp");
  EXPECT_THAT(Selected(switches), ElementsAre(Pair("", "")));
  EXPECT_EQ(RemoveForbidden(Policy({kUnset, kDeny}), switches).size(), 1);
  EXPECT_THAT(switches.items(), IsEmpty());
}

}  // namespace
}  // namespace firebreak::policy
