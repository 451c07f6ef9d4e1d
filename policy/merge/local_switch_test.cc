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
  EXPECT_EQ(FindSwitch(switches, SwitchSubject::kFirewall, "eth0", "corp"), &switches.items(0));
  EXPECT_EQ(FindSwitch(switches, SwitchSubject::kFirewall, "eth1", "corp"), &switches.items(1));
  EXPECT_EQ(FindSwitch(switches, SwitchSubject::kFirewall, "eth1", "elsewhere"), nullptr);
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

v1::LocalSwitch Icmp(const std::vector<std::string>& names, const std::string& interface = "",
                     const std::string& location = "") {
  v1::LocalSwitch made = Switch(kAsPolicy, interface, location);
  made.mutable_icmp()->mutable_messages();
  for (const std::string& name : names) made.mutable_icmp()->mutable_messages()->add_items(name);
  return made;
}

v1::LocalSwitch Log(bool dropped, const std::string& location = "") {
  v1::LocalSwitch made = Switch(kAsPolicy, "", location);
  made.mutable_logging()->mutable_settings()->set_dropped(dropped);
  return made;
}

TEST(LocalSwitch, WhatIsAboutSomethingElseStays) {
  v1::LocalSwitches switches;
  AddSwitch(Switch(kOff, "eth0"), switches);
  AddSwitch(Icmp({"redirect"}, "eth0"), switches);
  AddSwitch(Log(true), switches);
  EXPECT_EQ(switches.items_size(), 3);
  AddSwitch(Icmp({}), switches);
  EXPECT_EQ(switches.items_size(), 3) << "the narrower one about ICMP is replaced";
  v1::LocalSwitch end;
  end.mutable_icmp();
  ASSERT_TRUE(EndSwitches(end, switches).ok());
  EXPECT_EQ(switches.items_size(), 2);
  EXPECT_NE(FindSwitch(switches, SwitchSubject::kFirewall, "eth0", "corp"), nullptr);
  EXPECT_NE(FindSwitch(switches, SwitchSubject::kLogging, "", "corp"), nullptr);
  EXPECT_EQ(FindSwitch(switches, SwitchSubject::kIcmp, "eth0", "corp"), nullptr);
  AddSwitch(Icmp({}), switches);
  end.set_interface("eth0");
  EXPECT_THAT(std::string(EndSwitches(end, switches).message()),
              HasSubstr("firebreak --local option clear icmp"));
}

TEST(LocalSwitch, TheNewerOneAboutIcmpDecidesWhereBothHold) {
  v1::LocalSwitches switches;
  AddSwitch(Icmp({"redirect"}, "eth0"), switches);
  AddSwitch(Icmp({"echo-request"}, "", "corp"), switches);
  v1::EffectivePolicy policy = Policy({kAllow, kAllow, kDeny});
  ApplySwitches(switches, policy);
  ASSERT_TRUE(CheckEffective(policy).ok()) << CheckEffective(policy);
  const auto at = [&](int location, const char* interface) {
    const Profile profile = ProfileOf(policy.locations(location), interface, "ethernet");
    EXPECT_EQ(profile.firewall, v1::Firewall::on);
    EXPECT_EQ(profile.firewall_policy, "fleet") << "the firewall is not switched";
    return profile.icmp;
  };
  EXPECT_THAT(at(0, "eth0"), ElementsAre(IcmpOption::kRedirect));
  EXPECT_THAT(at(0, "eth1"), IsEmpty());
  EXPECT_THAT(at(1, "eth0"), ElementsAre(IcmpOption::kEchoRequest));
  EXPECT_THAT(at(1, "eth1"), ElementsAre(IcmpOption::kEchoRequest));
  EXPECT_THAT(at(2, "eth0"), IsEmpty()) << "denied at the lab";
}

TEST(LocalSwitch, TheLogIsWhatPoliciesSayButForWhatIsSwitched) {
  v1::LocalSwitches switches;
  AddSwitch(Log(false), switches);
  AddSwitch(Log(true, "corp"), switches);
  v1::EffectivePolicy policy = Policy({kAllow, kAllow, kDeny});
  for (v1::EffectiveLocation& location : *policy.mutable_locations()) {
    location.mutable_host()->mutable_logging()->set_dropped(true);
    location.mutable_host()->mutable_logging()->set_rate(7);
    location.mutable_host()->set_logging_policy("fleet");
  }
  ApplySwitches(switches, policy);
  ASSERT_TRUE(CheckEffective(policy).ok()) << CheckEffective(policy);
  const auto at = [&](int location) { return policy.locations(location).host(); };
  EXPECT_FALSE(at(0).logging().dropped());
  EXPECT_EQ(at(0).logging().rate(), 7u);
  EXPECT_EQ(at(0).logging_policy(), kLocalPolicy);
  EXPECT_TRUE(at(1).logging().dropped());
  EXPECT_TRUE(at(2).logging().dropped());
  EXPECT_EQ(at(2).logging_policy(), "fleet");
}

TEST(LocalSwitch, IsDescribedByWhatItIsAbout) {
  EXPECT_EQ(DescribeSwitch(Switch(kOff)), "firewall off");
  EXPECT_EQ(DescribeSwitch(Switch(kAsPolicy)), "firewall as the fleet's policy says");
  EXPECT_EQ(DescribeSwitch(Icmp({"redirect", "echo-request"})), "ICMP redirect, echo-request");
  EXPECT_EQ(DescribeSwitch(Icmp({})), "no ICMP");
  v1::LocalSwitch log = Log(false);
  log.mutable_logging()->mutable_settings()->set_rate(0);
  EXPECT_EQ(DescribeSwitch(log), "log no dropped packets, any number of dropped packets");
  log.mutable_logging()->clear_settings();
  EXPECT_EQ(DescribeSwitch(log), "log as the fleet's policy says");
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
