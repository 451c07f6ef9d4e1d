// SPDX-License-Identifier: Apache-2.0
#include "cli/input/offline_plan.h"

#include "cli/connection/failure.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

v1::ApplyRequest Files(const std::string& text) {
  v1::ApplyRequest request;
  request.add_files()->set_name("web.yaml");
  request.mutable_files(0)->set_text(text);
  return request;
}

constexpr char kBefore[] = R"(kind: Group
name: web
match: {role: web}
---
kind: Policy
name: web
groups: [web]
port_mappings:
- {protocol: tcp, ports: 443}
)";

TEST(OfflinePlan, WithoutHostsItIsAboutOneWithTheLabelsOfEachGroup) {
  const auto plan = OfflinePlan(Files(kBefore),
                                Files(std::string(kBefore) + "- {protocol: tcp, ports: 80}\n"), "");
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->groups_size(), 1);
  EXPECT_THAT(plan->groups(0).hosts(), testing::ElementsAre("with role=web"));
  const v1::PacketClass& packets = plan->groups(0).differences(0).packets(0);
  EXPECT_EQ(packets.after().file(), "web.yaml");
  EXPECT_EQ(packets.after().line(), 10u);
}

TEST(OfflinePlan, TakesTheHostsThatAreGiven) {
  const auto plan = OfflinePlan(
      Files(kBefore), Files(std::string(kBefore) + "- {protocol: tcp, ports: 80}\n"),
      R"([{"name": "web-1", "labels": {"role": "web"}, "state": "online"}, {"name": "db-1"}])");
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->hosts(), 2u);
  EXPECT_THAT(plan->groups(0).hosts(), testing::ElementsAre("web-1"));
  EXPECT_FALSE(OfflinePlan(Files(kBefore), Files(kBefore), "no json").ok());
}

TEST(OfflinePlan, WhatIsWrongIsToldWithItsLine) {
  const auto plan =
      OfflinePlan(Files(kBefore), Files("kind: Policy\nname: x\ngroups: [none]\n"), "");
  ASSERT_FALSE(plan.ok());
  const auto problems = ProblemsOf(plan.status());
  ASSERT_TRUE(problems.has_value());
  EXPECT_EQ(problems->items(0).file(), "web.yaml");
  EXPECT_EQ(problems->items(0).line(), 3u);
}

}  // namespace
}  // namespace firebreak::cli
