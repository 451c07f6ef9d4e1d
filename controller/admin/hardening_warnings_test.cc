// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/hardening_warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "policy/resources/test_configuration.h"

namespace firebreak::controller {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> Warnings(const std::string& before, const std::string& after) {
  StoredHost host;
  host.record.name = "gw-1";
  const policy::Selector old_one(policy::TestConfiguration(before)),
      new_one(policy::TestConfiguration(after));
  return HardeningWarnings(old_one, new_one, {&host, 1});
}

constexpr char kStrict[] =
    "kind: Policy\nname: base\ngroups: [all]\nhardening: {preset: strict}\n---\n";

std::string Router(const std::string& body) {
  return absl::StrCat("kind: Policy\nname: router\ngroups: [all]\n", body, "\n---\n");
}

TEST(HardeningWarningsTest, TwoPoliciesThatContradictEachOtherAreTold) {
  const std::string sharing = Router("sharing: {public: eth0, private: [eth1]}");
  EXPECT_THAT(Warnings(kStrict, kStrict + sharing),
              ElementsAre(AllOf(HasSubstr("host gw-1: Policy/base says ip_enable_router 0"),
                                HasSubstr("Policy/router has \"sharing\""))));
  EXPECT_THAT(Warnings(kStrict + sharing, kStrict + sharing), IsEmpty()) << "told before";
  EXPECT_THAT(Warnings("", sharing), IsEmpty());
  EXPECT_THAT(Warnings("", kStrict), IsEmpty());
}

TEST(HardeningWarningsTest, EveryNeedIsLookedAt) {
  EXPECT_THAT(Warnings("", kStrict + Router("forward: {allow: [{protocol: tcp, ports: 80}]}")),
              ElementsAre(HasSubstr("\"forward\"")));
  EXPECT_THAT(Warnings("", kStrict + Router("port_mappings: [{protocol: tcp, ports: 80, "
                                            "forward_to: 192.0.2.9}]")),
              ElementsAre(HasSubstr("\"forward_to\"")));
  const std::string proxy = Router("port_mappings: [{protocol: tcp, ports: 80, handshake: proxy}]");
  EXPECT_THAT(Warnings("", kStrict + proxy), IsEmpty());
  EXPECT_THAT(Warnings("", proxy + "kind: Policy\nname: plain\ngroups: [all]\nhardening: "
                                   "{settings: {syn_attack_protect: 0, tcp_timestamps: 0}}\n"),
              ElementsAre(HasSubstr("syn_attack_protect 0"), HasSubstr("tcp_timestamps 0")));
}

TEST(HardeningWarningsTest, WhatAHigherPolicySaysIsWhatCounts) {
  const std::string router = Router(
      "priority: 9\nhardening: {settings: {ip_enable_router: 1}}\nsharing: {public: eth0, private: "
      "[eth1]}");
  EXPECT_THAT(Warnings("", kStrict + router), IsEmpty());
}

}  // namespace
}  // namespace firebreak::controller
