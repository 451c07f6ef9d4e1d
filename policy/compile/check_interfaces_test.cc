// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/check_interfaces.h"

#include <gtest/gtest.h>

namespace firebreak::policy {
namespace {

v1::EffectivePolicy FirewallFor(const std::string& name) {
  v1::EffectivePolicy policy;
  policy.set_managed(true);
  v1::EffectiveLocation& location = *policy.add_locations();
  location.set_name("elsewhere");
  location.mutable_host()->mutable_sharing()->add_public_("eth0");
  location.mutable_host()->mutable_sharing()->add_private_("eth1");
  v1::InterfaceLayer& section = *location.add_layers()->add_interfaces();
  section.mutable_match()->add_names(name);
  section.mutable_settings()->set_firewall(v1::Firewall::on);
  section.mutable_settings()->set_firewall_policy("p");
  return policy;
}

const Interface kInterfaces[] = {{"eth0", "ethernet", 2},
                                 {"eth1", "ethernet", 3},
                                 {"br0", "bridge", 4},
                                 {"eth2", "ethernet", 5, /*is_port=*/true}};

TEST(CheckInterfaces, WhatIsJudgedElsewhereCannotHaveAFirewall) {
  for (const auto& [written, name] : {std::pair("eth1", "eth1"),
                                      {"br0", "br0"},
                                      {"eth2", "eth2"},
                                      {"br*", "br0"},
                                      {"eth2*", "eth2"}}) {
    const auto fault = CheckInterfaces(FirewallFor(written), kInterfaces);
    ASSERT_TRUE(fault.has_value()) << written;
    EXPECT_NE(fault->reason.find(name), std::string::npos) << fault->reason;
    EXPECT_EQ(fault->policy, "p");
  }
}

TEST(CheckInterfaces, OthersCan) {
  EXPECT_FALSE(CheckInterfaces(FirewallFor("eth0"), kInterfaces).has_value());
  EXPECT_FALSE(CheckInterfaces(FirewallFor("*"), kInterfaces).has_value()) << "it means eth0 too";
  EXPECT_FALSE(CheckInterfaces(FirewallFor("br*"), {}).has_value());
  EXPECT_FALSE(CheckInterfaces(FirewallFor("br0"), {}).has_value()) << "it is not there";
}

TEST(CheckInterfaces, OffIsNoFirewall) {
  v1::EffectivePolicy policy = FirewallFor("br0");
  policy.mutable_locations(0)
      ->mutable_layers(0)
      ->mutable_interfaces(0)
      ->mutable_settings()
      ->set_firewall(v1::Firewall::off);
  EXPECT_FALSE(CheckInterfaces(policy, kInterfaces).has_value());
}

}  // namespace
}  // namespace firebreak::policy
