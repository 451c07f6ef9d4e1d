// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/fleet_plan.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/resources/test_configuration.h"

namespace firebreak::policy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<PlannedHost> kHosts = {{"web-1", {{"role", "web"}}, {{"role", "web"}}},
                                         {"web-2", {{"role", "web"}}, {{"role", "web"}}},
                                         {"db-1", {{"role", "db"}}, {{"role", "db"}}}};

v1::Plan PlanOf(const std::string& before, const std::string& after,
                const std::vector<PlannedHost>& hosts = kHosts) {
  return PlanFleet(Selector(TestConfiguration(before)), Selector(TestConfiguration(after)), hosts);
}

constexpr char kGroups[] = R"(
kind: Group
name: web
match: {role: web}
---
kind: Group
name: db
match: {role: db}
---
)";

std::string WebPolicy(const std::string& settings) {
  return std::string(kGroups) + "kind: Policy\nname: web\ngroups: [web]\n" + settings;
}

TEST(FleetPlan, AMappingForTwoNetworksIsOneClassOfPackets) {
  const v1::Plan plan = PlanOf(WebPolicy("port_mappings: [{protocol: tcp, ports: 443}]\n"),
                               WebPolicy("port_mappings:\n"
                                         "- {protocol: tcp, ports: 443}\n"
                                         "- {name: admin, protocol: tcp, ports: [22, 8080-8090], "
                                         "from: [10.0.0.0/8, '2001:db8::/32']}\n"));
  EXPECT_TRUE(plan.complete());
  EXPECT_EQ(plan.hosts_concerned(), 2u);
  EXPECT_EQ(plan.opened(), 1u);
  EXPECT_EQ(plan.closed() + plan.otherwise() + plan.settings(), 0u);
  ASSERT_EQ(plan.groups_size(), 1);
  EXPECT_THAT(plan.groups(0).hosts(), ElementsAre("web-1", "web-2"));
  ASSERT_EQ(plan.groups(0).differences_size(), 1);
  const v1::PlanDifference& difference = plan.groups(0).differences(0);
  ASSERT_EQ(difference.packets_size(), 1);
  const v1::PacketClass& packets = difference.packets(0);
  EXPECT_EQ(packets.change(), v1::PacketClass::opened);
  EXPECT_EQ(packets.direction(), "in");
  EXPECT_THAT(packets.traffic(), ElementsAre("tcp/22", "tcp/8080-8090"));
  EXPECT_THAT(packets.remote(), ElementsAre("10.0.0.0/8", "2001:db8::/32"));
  EXPECT_EQ(packets.before().cause(), "no mapping opens it");
  EXPECT_EQ(packets.after().cause(), "mapping admin of policy web");
  EXPECT_TRUE(packets.witness().confirmed());
}

TEST(FleetPlan, WhatIsOnlyWrittenOtherwiseChangesNothing) {
  const v1::Plan plan = PlanOf(WebPolicy("port_mappings: [{protocol: tcp, ports: 440-449}]\n"),
                               WebPolicy("description: in two pieces\nport_mappings:\n"
                                         "- {name: low, protocol: tcp, ports: 440-444}\n"
                                         "- {name: high, protocol: tcp, ports: 445-449}\n"));
  EXPECT_TRUE(plan.complete());
  EXPECT_THAT(plan.groups(), IsEmpty());
  EXPECT_EQ(plan.hosts_concerned(), 0u);
}

TEST(FleetPlan, AFirewallThatGoesOffOpensAllButWhatWasOpen) {
  const v1::Plan plan = PlanOf(WebPolicy("port_mappings: [{protocol: tcp, ports: 443}]\n"),
                               WebPolicy("firewall: 'off'\n"));
  ASSERT_EQ(plan.groups_size(), 1);
  const v1::PlanDifference& difference = plan.groups(0).differences(0);
  ASSERT_GE(difference.packets_size(), 2);
  std::vector<std::string> remotes;
  for (const v1::PacketClass& packets : {difference.packets(0), difference.packets(1)}) {
    EXPECT_THAT(packets.traffic(), IsEmpty());
    EXPECT_THAT(packets.traffic_except(), testing::Contains("tcp/443"));
    remotes.insert(remotes.end(), packets.remote().begin(), packets.remote().end());
  }
  EXPECT_THAT(remotes, testing::UnorderedElementsAre("0.0.0.0/0", "::/0"));
  EXPECT_EQ(difference.settings(0).name(), "firewall");
  for (const v1::PacketClass& packets : difference.packets()) {
    EXPECT_TRUE(packets.witness().confirmed()) << packets.ShortDebugString();
  }
}

TEST(FleetPlan, ALabelThatChangesIsAChangeWithoutAFile) {
  const std::string configuration = WebPolicy(
      "port_mappings: [{protocol: tcp, ports: 443}]\n"
      "---\nkind: Policy\nname: db\ngroups: [db]\nport_mappings: [{protocol: tcp, "
      "ports: 5432}]\n");
  const v1::Plan plan = PlanOf(configuration, configuration,
                               {{"web-1", {{"role", "web"}}, {{"role", "db"}}},
                                {"db-1", {{"role", "db"}}, {{"role", "db"}}}});
  ASSERT_EQ(plan.groups_size(), 1);
  EXPECT_THAT(plan.groups(0).hosts(), ElementsAre("web-1"));
  EXPECT_EQ(plan.opened(), 1u);
  EXPECT_EQ(plan.closed(), 1u);
}

TEST(FleetPlan, AGroupThatMatchesNobodyAnyMoreLeavesHostsUnmanaged) {
  std::string after = WebPolicy("port_mappings: [{protocol: tcp, ports: 443}]\n");
  after.replace(after.find("{role: web}"), 11, "{role: www}");
  const v1::Plan plan = PlanOf(WebPolicy("port_mappings: [{protocol: tcp, ports: 443}]\n"), after);
  ASSERT_EQ(plan.groups_size(), 1);
  const v1::PacketClass& packets = plan.groups(0).differences(0).packets(0);
  EXPECT_EQ(packets.change(), v1::PacketClass::opened);
  EXPECT_EQ(packets.after().cause(), "no policy selects the host");
}

TEST(FleetPlan, EachKindOfInterfaceAndEachLocationIsTold) {
  const std::string location = "kind: Location\nname: corp\n---\n";
  const v1::Plan plan = PlanOf(
      location + WebPolicy("port_mappings: [{protocol: tcp, ports: 443}]\n"),
      location + WebPolicy("port_mappings: [{protocol: tcp, ports: 443}]\n"
                           "interfaces: [{match: {types: [wireless]}, port_mappings: []}]\n"));
  ASSERT_EQ(plan.groups_size(), 1);
  ASSERT_EQ(plan.groups(0).differences_size(), 1);
  const v1::PlanDifference& difference = plan.groups(0).differences(0);
  ASSERT_EQ(difference.places_size(), 2);
  EXPECT_EQ(difference.places(0).location(), "elsewhere");
  EXPECT_EQ(difference.places(0).interfaces(), "wireless interfaces");
  EXPECT_EQ(difference.places(1).location(), "corp");
  EXPECT_EQ(difference.packets(0).change(), v1::PacketClass::closed);
}

TEST(FleetPlan, SettingsThatAreNoMatterOfFirstPacketsAreToldAsSettings) {
  const v1::Plan plan = PlanOf(WebPolicy("flows: {udp_timeout: 60s}\n"),
                               WebPolicy("flows: {udp_timeout: 30s}\nhelpers: [ftp]\n"
                                         "logging: {dropped: true}\n"));
  std::vector<std::string> names;
  for (const v1::PlanDifference& difference : plan.groups(0).differences()) {
    for (const v1::SettingChange& change : difference.settings()) {
      names.push_back(change.name() + ": " + change.before() + " -> " + change.after());
    }
  }
  EXPECT_THAT(names, testing::UnorderedElementsAre("flows.udp_timeout: 60s -> 30s",
                                                   "helpers: none -> ftp:tcp/21",
                                                   "logging.dropped: not set -> true"));
}

}  // namespace
}  // namespace firebreak::policy
