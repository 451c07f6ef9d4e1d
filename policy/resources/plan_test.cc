#include "policy/resources/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace firebreak::policy {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Kind = Change::Kind;

const std::set<std::string> kHosts = {"web-1", "db-1"};

testing::Matcher<const Problem&> At(uint32_t line, const std::string& reason) {
  return AllOf(Field(&Problem::line, line), Field(&Problem::reason, HasSubstr(reason)));
}

Plan Apply(const std::string& text, const Configuration& current = {}) {
  const SourceFile files[] = {{"f.yaml", text}};
  return PlanApply(current, files, kHosts);
}

Configuration Applied(const std::string& text, const Configuration& current = {}) {
  const Plan plan = Apply(text, current);
  EXPECT_THAT(plan.problems, IsEmpty()) << (plan.ok() ? "" : plan.problems[0].reason);
  return plan.next;
}

std::vector<Problem> ProblemsOfPolicy(const std::string& settings) {
  return Apply("kind: Policy\nname: p\ngroups: [all]\n" + settings).problems;
}

constexpr char kGroup[] = "kind: Group\nname: laptops\nmatch: {role: laptop}\n";

TEST(PlanApply, TellsWhatChanges) {
  const Configuration first = Applied(kGroup);
  const Plan plan = Apply(
      absl::StrCat(kGroup, "---\nkind: Policy\nname: p\ngroups: [laptops, host:db-1]\n"), first);
  EXPECT_THAT(plan.changes, ElementsAre(Change{Kind::kUnchanged, "Group/laptops"},
                                        Change{Kind::kCreated, "Policy/p"}));
  EXPECT_TRUE(plan.changed());
  EXPECT_EQ(first.FindPolicy("p"), nullptr) << "the current configuration stays as it is";
  const Plan again = Apply(kGroup, plan.next);
  EXPECT_FALSE(again.changed());
  EXPECT_EQ(again.next, plan.next);
  const Plan update = Apply("kind: Group\nname: laptops\nmatch: {role: x}\n", plan.next);
  EXPECT_THAT(update.changes, ElementsAre(Change{Kind::kUpdated, "Group/laptops"}));
  EXPECT_EQ(DiffOf(plan.next, update.next, "Group/laptops"),
            " kind: Group\n name: laptops\n match:\n-  role: laptop\n+  role: x\n");
}

TEST(PlanApply, TheOrderOfFilesMeansNothing) {
  const SourceFile files[] = {{"a", "kind: Policy\nname: p\ngroups: [laptops]\n"}, {"b", kGroup}};
  EXPECT_TRUE(PlanApply({}, files, kHosts).ok());
}

TEST(PlanApply, IsAllOrNothingAndListsEverything) {
  const SourceFile files[] = {
      {"a.yaml",
       "kind: Group\nname: fine\nmatch: {a: b}\n---\nkind: Policy\nname: p\n"
       "groups: [laptop]\nport_mappings:\n- {protocol: tcp, ports: 70000}\n"
       "- {servce: ssh}\n- {service: shh}\n- {service: ssh, from: nowhere}\n"},
      {"b.yaml", "kind: Group\nname: fine\nmatch: {}\n"}};
  const Plan plan = PlanApply(Applied(kGroup), files, kHosts);
  EXPECT_EQ(plan.next, Applied(kGroup));
  EXPECT_THAT(plan.changes, IsEmpty());
  EXPECT_THAT(
      plan.problems,
      ElementsAre(At(7, "unknown group \"laptop\"; did you mean \"laptops\"?"),
                  At(9, "port \"70000\" is out of range"), At(10, "did you mean \"service\"?"),
                  At(11, "unknown service \"shh\"; did you mean \"ssh\"?"),
                  At(12, "from: \"nowhere\" is not an address or a prefix"),
                  AllOf(Field(&Problem::file, "b.yaml"),
                        At(2, "Group/fine is there twice, first in a.yaml on line 2")),
                  AllOf(Field(&Problem::file, "b.yaml"), At(3, "no labels"))));
}

TEST(PlanApply, StopsTellingAtAThousand) {
  std::string text = "kind: Policy\nname: p\ngroups: [all]\nport_mappings:\n";
  for (int i = 0; i < 5000; ++i) absl::StrAppend(&text, "- {protocol: tcp, ports: 0}\n");
  const Plan plan = Apply(text);
  EXPECT_THAT(plan.problems, SizeIs(kMaxProblems + 1));
  EXPECT_THAT(plan.problems.back().reason, HasSubstr("more problems"));
}

TEST(PlanApply, ChecksReferences) {
  EXPECT_THAT(Apply("kind: Policy\nname: p\ngroups: [host:web-2, host:web-1]\nlocations: [corp]\n")
                  .problems,
              ElementsAre(At(3, "unknown host \"web-2\"; did you mean \"web-1\"?"),
                          At(4, "unknown location \"corp\"")));
  EXPECT_TRUE(Apply("kind: Policy\nname: p\ngroups: [all]\nlocations: [elsewhere]\n").ok());
}

TEST(PlanApply, RefusesReservedNames) {
  EXPECT_THAT(Apply("kind: Group\nname: all\nmatch: {a: b}\n").problems,
              ElementsAre(At(2, "built-in")));
  EXPECT_THAT(Apply("kind: Service\nname: ssh\nports: tcp/22\n").problems,
              ElementsAre(At(2, "built in")));
  EXPECT_THAT(Apply("kind: Location\nname: elsewhere\n").problems, ElementsAre(At(2, "built in")));
  EXPECT_THAT(Apply("kind: Group\nname: Bad Name\nmatch: {a: b}\n").problems,
              ElementsAre(At(2, "not a name")));
}

TEST(PlanApply, ChecksMappings) {
  EXPECT_THAT(
      ProblemsOfPolicy(R"(port_mappings:
  - {service: ssh, protocol: tcp}
  - {service: ssh, ports: 22}
  - {from: 10.0.0.0/8}
  - {protocol: esp, ports: 80}
  - {protocol: tcp}
  - {protocol: icmp}
  - {service: http, to: 10.0.0.0/8}
  - {name: x, service: http}
  - {name: x, service: https}
  - {service: dns, from: 10.0.0.1/8}
icmp: [ping]
outbound:
  block:
    - {service: smtp, action: block}
    - {service: ntp, from: 10.0.0.0/8}
)"),
      ElementsAre(At(5, "not both"), At(6, "the service has the ports"),
                  At(7, "neither a \"service\" nor"), At(8, "esp has no ports"),
                  At(9, "no \"ports\""), At(10, "\"icmp:\""), At(11, "who may come in is \"from\""),
                  At(13, "\"x\" in this list already on line 12"), At(14, "write \"10.0.0.0/8\""),
                  At(15, "unknown ICMP option \"ping\""), At(18, "leave \"action\" out"),
                  At(19, "where to is \"to\"")));
}

TEST(PlanApply, ChecksSectionsForInterfaces) {
  EXPECT_THAT(ProblemsOfPolicy(R"(priority: 1000001
interfaces:
  - firewall: "on"
  - match: {types: [wifi]}
  - match: {names: [averylonginterfacename, "eth*"]}
    port_mappings: [{protocol: tcp}]
)"),
              ElementsAre(At(4, "out of range"), At(6, "matches nothing"),
                          At(7, "unknown interface type \"wifi\"; there are ethernet"),
                          At(8, "not the name of an interface"), At(9, "no \"ports\"")));
  EXPECT_THAT(Apply("kind: Policy\nname: p\n").problems, ElementsAre(At(1, "no \"groups\"")));
}

TEST(PlanApply, RefusesContradictions) {
  EXPECT_THAT(ProblemsOfPolicy("port_mappings:\n"
                               "  - {protocol: tcp, ports: [22, 80], from: [10.0.0.0/8, ::1]}\n"
                               "  - {service: ssh, from: \"::1\", action: block}\n"),
              ElementsAre(At(6,
                             "contradicts the one on line 5: one allows and the other blocks "
                             "tcp/22 and ::1/128")));
  EXPECT_THAT(ProblemsOfPolicy("outbound:\n  allow: [{service: smtp}]\n"
                               "  block: [{protocol: 6, ports: 25}]\n"),
              ElementsAre(At(6, "contradicts the one on line 5")));
}

TEST(PlanApply, ABlockOfAPartIsNoContradiction) {
  EXPECT_THAT(ProblemsOfPolicy("port_mappings:\n"
                               "  - {protocol: tcp, ports: 1-1024}\n"
                               "  - {protocol: tcp, ports: 23, action: block}\n"
                               "  - {service: ssh, from: 10.6.0.0/16, action: block}\n"
                               "  - {protocol: tcp, ports: 23, from: 10.0.0.0/8, action: block}\n"
                               "  - {protocol: udp, ports: 23}\n"),
              IsEmpty());
}

TEST(PlanApply, AServiceMustNotSpoilThePoliciesThatUseIt) {
  const Configuration current = Applied(
      "kind: Service\nname: game\nports: udp/27000\n---\nkind: Policy\nname: p\ngroups: [all]\n"
      "port_mappings: [{service: game}, {protocol: udp, ports: 9, action: block}]\n");
  EXPECT_THAT(Apply("kind: Service\nname: game\nports: [udp/27000, udp/9]\n", current).problems,
              ElementsAre(At(3, "Policy/p would be refused: this mapping contradicts")));
  EXPECT_TRUE(Apply("kind: Service\nname: game\nports: [udp/27001]\n", current).ok());
}

TEST(PlanApply, APolicyOfAHostThatIsGoneHindersNoOtherChange) {
  const Configuration current = Applied(
      "kind: Service\nname: s\nports: tcp/1\n---\n"
      "kind: Policy\nname: p\ngroups: [host:db-1]\nport_mappings: [{service: s}]\n");
  const SourceFile files[] = {{"f", "kind: Service\nname: s\nports: tcp/2\n"}};
  EXPECT_TRUE(PlanApply(current, files, {}).ok());
}

TEST(PlanApply, ChecksLocations) {
  EXPECT_THAT(
      Apply(R"(kind: Location
name: corp
beacons:
  - address: beacon.corp:7444
    server_name: not a name
    ca: |
      -----BEGIN PRIVATE KEY-----
  - {}
hints: {subnets: [10.0.0.1/8], dns_suffixes: [a..b]}
)")
          .problems,
      ElementsAre(At(4, "must not rest on DNS"), At(5, "not a DNS name"), At(6, "private key"),
                  At(8, "no \"address\""), At(8, "no \"server_name\""), At(8, "no \"ca\""),
                  At(9, "write \"10.0.0.0/8\""), At(9, "not a DNS name")));
  EXPECT_TRUE(Apply("kind: Location\nname: corp\nbeacons:\n- address: '[::1]:1'\n  server_name: b\n"
                    "  ca: |\n    -----BEGIN CERTIFICATE-----\n    MAA=\n"
                    "    -----END CERTIFICATE-----\n")
                  .ok());
  EXPECT_FALSE(
      Apply("kind: Location\nname: corp\nbeacons:\n- address: '[::1]:1'\n  server_name: b\n"
            "  ca: |\n    -----BEGIN CERTIFICATE-----\n    M*A=\n"
            "    -----END CERTIFICATE-----\n")
          .ok());
}

TEST(PlanDelete, RefusesWhatOthersUse) {
  const Configuration current = Applied(absl::StrCat(
      kGroup, "---\nkind: Service\nname: s\nports: tcp/1\n---\nkind: Location\nname: l\n---\n",
      "kind: Policy\nname: p\ngroups: [laptops]\nlocations: [l]\ninterfaces:\n",
      "- {match: {names: eth0}, port_mappings: [{service: s}]}\n"));
  for (const auto& [kind, name] :
       {std::pair("group", "laptops"), {"Service", "s"}, {"LOCATION", "l"}}) {
    const Plan plan = PlanDelete(current, kind, name);
    ASSERT_THAT(plan.problems, SizeIs(1));
    EXPECT_THAT(plan.problems[0].reason, HasSubstr("is used by Policy/p"));
    EXPECT_EQ(plan.next, current);
  }
  const Plan plan = PlanDelete(current, "policy", "p");
  EXPECT_THAT(plan.changes, ElementsAre(Change{Kind::kDeleted, "Policy/p"}));
  EXPECT_TRUE(PlanDelete(plan.next, "group", "laptops").ok());
  EXPECT_THAT(PlanDelete(current, "group", "laptop").problems,
              ElementsAre(At(0, "no group \"laptop\"; did you mean \"laptops\"?")));
}

}  // namespace
}  // namespace firebreak::policy
