// SPDX-License-Identifier: Apache-2.0
#include "policy/location/hints.h"

#include <gtest/gtest.h>

namespace firebreak::policy {
namespace {

v1::Hints Office() {
  v1::Hints hints;
  hints.add_subnets("10.10.0.0/16");
  hints.add_subnets("2001:db8:a::/48");
  hints.add_dns_suffixes("corp.example");
  hints.add_gateway_macs("02:00:00:00:00:0A");
  hints.add_ssids("corp");
  return hints;
}

TEST(Hints, WithoutAnyNothingIsRuledOut) {
  EXPECT_EQ(RuledOut({}, {.addresses = {"192.0.2.1/24"}, .dns_suffixes = {"cafe.example"}}),
            std::nullopt);
}

TEST(Hints, WhatIsNotKnownRulesNothingOut) { EXPECT_EQ(RuledOut(Office(), {}), std::nullopt); }

TEST(Hints, AllThatFitsPasses) {
  EXPECT_EQ(RuledOut(Office(), {.addresses = {"10.10.200.7/16", "fe80::1/64"},
                                .dns_suffixes = {"branch.corp.example"},
                                .gateway_macs = {"02:00:00:00:00:0a"},
                                .ssid = "corp"}),
            std::nullopt);
}

TEST(Hints, OneOfSeveralIsEnough) {
  EXPECT_EQ(RuledOut(Office(), {.addresses = {"192.0.2.1/24", "2001:db8:a:1::5/64"},
                                .dns_suffixes = {"other.example", "CORP.example."}}),
            std::nullopt);
}

TEST(Hints, AnotherSubnetRulesOut) {
  const auto reason = RuledOut(Office(), {.addresses = {"10.11.0.1/16"}});
  ASSERT_TRUE(reason.has_value());
  EXPECT_NE(reason->find("10.11.0.1/16"), std::string::npos);
}

TEST(Hints, ALinkLocalAddressSaysNothing) {
  EXPECT_EQ(RuledOut(Office(), {.addresses = {"fe80::1/64", "169.254.3.4/16"}}), std::nullopt);
}

TEST(Hints, AnotherSuffixRulesOut) {
  EXPECT_TRUE(RuledOut(Office(), {.dns_suffixes = {"cafe.example"}}).has_value());
  EXPECT_TRUE(RuledOut(Office(), {.dns_suffixes = {"evilcorp.example"}}).has_value());
  EXPECT_TRUE(RuledOut(Office(), {.dns_suffixes = {"example"}}).has_value());
}

TEST(Hints, AnotherGatewayRulesOut) {
  EXPECT_TRUE(RuledOut(Office(), {.gateway_macs = {"02:00:00:00:00:0b"}}).has_value());
}

TEST(Hints, AnotherWirelessNetworkRulesOut) {
  EXPECT_TRUE(RuledOut(Office(), {.ssid = "Corp"}).has_value()) << "SSIDs are bytes";
}

}  // namespace
}  // namespace firebreak::policy
