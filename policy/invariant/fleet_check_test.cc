// SPDX-License-Identifier: Apache-2.0
#include "policy/invariant/fleet_check.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/invariant/contradictions.h"
#include "policy/invariant/violation_text.h"
#include "policy/resources/test_configuration.h"

namespace firebreak::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

PlannedHost Host(const std::string& name, const std::string& role) {
  return {name, {{"role", role}}, {{"role", role}}};
}

const std::vector<PlannedHost> kHosts = {Host("web-1", "web"), Host("web-2", "web"),
                                         Host("db-1", "db")};

InvariantReport Check(const std::string& before, const std::string& after,
                      const std::vector<PlannedHost>& hosts = kHosts) {
  return CheckInvariants(Selector(TestConfiguration(before)), Selector(TestConfiguration(after)),
                         hosts);
}

constexpr char kBase[] = R"(
kind: Group
name: web
match: {role: web}
---
kind: Policy
name: base
groups: [all]
firewall: "on"
---
)";

constexpr char kNoSsh[] = R"(
kind: Invariant
name: no-ssh
reason: only through the bastion
traffic: [{service: ssh}]
must: block
---
)";

std::string Web(const std::string& settings) {
  return std::string(kBase) + "kind: Policy\nname: web\ngroups: [web]\n" + settings + "---\n";
}

TEST(CheckInvariants, TellsWhereAPolicyOpensWhatMustBeBlocked) {
  const InvariantReport report =
      Check(Web("") + kNoSsh,
            Web("port_mappings: [{name: admin, protocol: tcp, ports: 20-25, from: 10.0.0.0/8}]\n") +
                kNoSsh);
  EXPECT_TRUE(report.complete);
  ASSERT_THAT(report.violations, SizeIs(1));
  const v1::Violation& violation = report.violations[0];
  EXPECT_TRUE(IsRefused(violation));
  EXPECT_EQ(violation.invariant(), "no-ssh");
  EXPECT_THAT(violation.hosts(), ElementsAre("web-1", "web-2"));
  EXPECT_EQ(violation.location(), "elsewhere");
  EXPECT_THAT(violation.packets().traffic(), ElementsAre("tcp/22"));
  EXPECT_THAT(violation.packets().remote(), ElementsAre("10.0.0.0/8"));
  EXPECT_EQ(violation.packets().after().mapping(), "admin");
  EXPECT_TRUE(violation.packets().witness().confirmed());
  EXPECT_THAT(
      ViolationText(violation),
      HasSubstr("Invariant/no-ssh (only through the bastion) does not hold on web-1, web-2, "
                "elsewhere: tcp/22 from 10.0.0.1 port 40000 must be blocked and is "
                "admitted: mapping admin of policy web"));
}

TEST(CheckInvariants, SaysNothingWhereItHolds) {
  const InvariantReport report =
      Check(Web("") + kNoSsh,
            Web("port_mappings: [{protocol: tcp, ports: [1-21, 23-65535]}]\n") + kNoSsh);
  EXPECT_TRUE(report.complete);
  EXPECT_THAT(report.violations, IsEmpty());
}

TEST(CheckInvariants, AHigherBlockKeepsIt) {
  EXPECT_THAT(Check(Web("") + kNoSsh, Web("port_mappings: [{service: ssh}]\n") +
                                          "kind: Policy\nname: guard\ngroups: [all]\npriority: 9\n"
                                          "port_mappings: [{service: ssh, action: block}]\n---\n" +
                                          kNoSsh)
                  .violations,
              IsEmpty());
}

TEST(CheckInvariants, DemandsThatTrafficBeAllowed) {
  const std::string backup =
      "kind: Invariant\nname: backup\ndirection: out\nmust: allow\n"
      "traffic: [{protocol: tcp, ports: 873, to: 192.0.2.10/32}]\n---\n";
  const InvariantReport report =
      Check(Web("") + backup,
            Web("outbound: {default: block, allow: [{protocol: tcp, ports: 443}]}\n") + backup);
  ASSERT_THAT(report.violations, SizeIs(1));
  EXPECT_EQ(report.violations[0].packets().direction(), "out");
  EXPECT_THAT(report.violations[0].packets().remote(), ElementsAre("192.0.2.10"));
  EXPECT_EQ(report.violations[0].packets().after().outcome(), "refused");
  EXPECT_TRUE(report.violations[0].packets().witness().confirmed());
  EXPECT_THAT(Check(Web("") + backup,
                    Web("outbound: {default: block, allow: [{protocol: tcp, ports: 800-900, "
                        "to: 192.0.2.0/24}]}\n") +
                        backup)
                  .violations,
              IsEmpty());
}

TEST(CheckInvariants, DecidesForHostsThatNoPolicySelects) {
  const InvariantReport report = Check("", kNoSsh, {Host("bare", "none")});
  ASSERT_THAT(report.violations, SizeIs(1));
  EXPECT_EQ(report.violations[0].packets().after().cause(), "no policy selects the host");
}

TEST(CheckInvariants, WhatWasBrokenBeforeIsNoReasonToRefuse) {
  const std::string open = Web("port_mappings: [{service: ssh}]\n") + kNoSsh;
  // The violation is old; something else changes on the same hosts.
  const InvariantReport report =
      Check(open, Web("port_mappings: [{service: ssh}, {service: https}]\n") + kNoSsh);
  ASSERT_THAT(report.violations, SizeIs(1));
  EXPECT_TRUE(report.violations[0].before());
  EXPECT_FALSE(IsRefused(report.violations[0]));
  // Widening an old violation is a new violation.
  const InvariantReport wider =
      Check(Web("port_mappings: [{service: ssh, from: 10.0.0.0/8}]\n") + kNoSsh, open);
  ASSERT_THAT(wider.violations, SizeIs(1));
  EXPECT_TRUE(IsRefused(wider.violations[0]));
  // The change touches nothing, so the old violation is not reported.
  EXPECT_THAT(Check(open, open).violations, IsEmpty());
  EXPECT_THAT(AllViolations(Selector(TestConfiguration(open)), kHosts).violations, SizeIs(1));
}

TEST(CheckInvariants, ANewInvariantHoldsForWhatIsThere) {
  const std::string open = Web("port_mappings: [{service: ssh}]\n");
  const InvariantReport report = Check(open, open + kNoSsh);
  ASSERT_THAT(report.violations, SizeIs(1));
  EXPECT_TRUE(IsRefused(report.violations[0]));
}

TEST(CheckInvariants, ALabelMayBringAHostUnderIt) {
  const std::string all =
      Web("port_mappings: [{service: ssh}]\n") +
      "kind: Group\nname: dmz\nmatch: {zone: dmz}\n---\n"
      "kind: Invariant\nname: dmz\ngroups: [dmz]\nmust: block\ntraffic: [{service: ssh}]\n---\n";
  PlannedHost host = Host("web-1", "web");
  host.after["zone"] = "dmz";
  const InvariantReport report = Check(all, all, {host, Host("web-2", "web")});
  ASSERT_THAT(report.violations, SizeIs(1));
  EXPECT_THAT(report.violations[0].hosts(), ElementsAre("web-1"));
  EXPECT_TRUE(IsRefused(report.violations[0]));
  // A policy's hosts too.
  PlannedHost opened = Host("db-1", "db");
  opened.after["role"] = "web";
  EXPECT_THAT(Check(all + kNoSsh, all + kNoSsh, {opened}).violations, SizeIs(1));
}

TEST(CheckInvariants, SpeaksOfTheInterfacesAndLocationsThatItNames) {
  const std::string policy =
      Web("interfaces:\n- match: {types: [wireless]}\n  port_mappings: [{service: ssh}]\n");
  const auto invariant = [](const std::string& where) {
    return "kind: Invariant\nname: here\nmust: block\ntraffic: [{service: ssh}]\n" + where +
           "---\n";
  };
  const auto count = [&](const std::string& where) {
    return Check(Web(""), policy + invariant(where)).violations.size();
  };
  EXPECT_EQ(count("interfaces: {names: [eth0], types: [ethernet]}\n"), 0u);
  EXPECT_EQ(count("interfaces: {types: [wireless]}\n"), 1u);
  EXPECT_EQ(count("interfaces: {names: ['wlan*']}\n"), 1u);  // wlan0 may be a wireless interface
  EXPECT_EQ(count(""), 1u);
  EXPECT_EQ(count("locations: [elsewhere]\n"), 1u);
}

TEST(CheckInvariants, MayOnlyWarn) {
  const InvariantReport report =
      Check(Web(""), Web("port_mappings: [{service: ssh}]\n") +
                         "kind: Invariant\nname: soft\nmust: block\nenforce: warn\n"
                         "traffic: [{service: ssh}]\n");
  ASSERT_THAT(report.violations, SizeIs(1));
  EXPECT_FALSE(IsRefused(report.violations[0]));
}

TEST(CheckInvariants, AServiceThatMeansSomethingElseIsAChange) {
  const auto with = [](const std::string& port) {
    return Web("port_mappings: [{protocol: tcp, ports: 8080}]\n") +
           "kind: Service\nname: admin\nports: [tcp/" + port +
           "]\n---\nkind: Invariant\nname: admin\nmust: block\ntraffic: [{service: admin}]\n---\n";
  };
  const InvariantReport report = Check(with("9090"), with("8080"));
  ASSERT_THAT(report.violations, SizeIs(1));
}

TEST(Contradictions, AreToldByNameAndTraffic) {
  const std::string allow =
      "kind: Invariant\nname: must-ssh\nmust: allow\n"
      "traffic: [{service: ssh, from: 10.0.0.0/8}]\n---\n";
  EXPECT_THAT(ContradictionsOf(TestConfiguration(std::string(kNoSsh) + allow)),
              ElementsAre(HasSubstr("Invariant/must-ssh and Invariant/no-ssh contradict each "
                                    "other: one demands that tcp/22 from 10.0.0.0/8 be allowed")));
  const std::string elsewhere =
      "kind: Invariant\nname: other\nmust: allow\ntraffic: [{protocol: tcp, ports: 23}]\n---\n";
  EXPECT_THAT(ContradictionsOf(TestConfiguration(std::string(kNoSsh) + elsewhere)), IsEmpty());
  const std::string outward =
      "kind: Invariant\nname: out\ndirection: out\nmust: allow\ntraffic: [{service: ssh}]\n---\n";
  EXPECT_THAT(ContradictionsOf(TestConfiguration(std::string(kNoSsh) + outward)), IsEmpty());
  const std::string soft =
      "kind: Invariant\nname: soft\nmust: allow\nenforce: warn\ntraffic: [{service: ssh}]\n---\n";
  EXPECT_THAT(ContradictionsOf(TestConfiguration(std::string(kNoSsh) + soft)), IsEmpty());
}

}  // namespace
}  // namespace firebreak::policy
