// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace firebreak::policy {

void PrintTo(const Problem& problem, std::ostream* out) {
  *out << "line " << problem.line << ": " << problem.reason;
}

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

Plan ApplySet(const std::string& text, const FileSet& set, const Configuration& current = {}) {
  const SourceFile files[] = {{"f.yaml", text}};
  return PlanApply(current, files, kHosts, set);
}

constexpr char kTwoGroups[] =
    "kind: Group\nname: a\nmatch: {x: y}\n---\nkind: Group\nname: b\nmatch: {x: y}\n";
constexpr char kGroupA[] = "kind: Group\nname: a\nmatch: {x: y}\n";
constexpr char kGroupB[] = "kind: Group\nname: b\nmatch: {x: y}\n";

TEST(PlanApply, PrunesWhatTheSetOnceHadAndNothingElse) {
  Configuration current = Applied(kGroup);
  current = ApplySet(kTwoGroups, {"base"}, current).next;
  current = ApplySet("kind: Group\nname: c\nmatch: {x: y}\n", {"other"}, current).next;
  Plan plan = ApplySet(kGroupA, {"base"}, current);
  EXPECT_FALSE(plan.changed()) << "nothing goes that nobody asked to prune";
  plan = ApplySet(kGroupA, {"base", /*prune=*/true}, current);
  EXPECT_THAT(plan.changes,
              ElementsAre(Change{Kind::kUnchanged, "Group/a"}, Change{Kind::kDeleted, "Group/b"}));
  EXPECT_EQ(plan.next.FindGroup("b"), nullptr);
  EXPECT_NE(plan.next.FindGroup("c"), nullptr);
  EXPECT_NE(plan.next.FindGroup("laptops"), nullptr);
}

TEST(PlanApply, AResourceBelongsToTheSetThatAppliedItLast) {
  Configuration current = ApplySet(kTwoGroups, {"base"}).next;
  // Applied without a set, the resource stays in its set.
  current = Applied("kind: Group\nname: b\nmatch: {x: y}\ndescription: new\n", current);
  EXPECT_THAT(ApplySet(kGroupA, {"base", true}, current).changes, SizeIs(2));
  current = ApplySet(kGroupB, {"other"}, current).next;
  EXPECT_FALSE(ApplySet(kGroupA, {"base", true}, current).changed());
  // An undo restores the resource together with its set.
  const Configuration before = ApplySet(kTwoGroups, {"base"}).next;
  const Configuration pruned = ApplySet(kGroupA, {"base", true}, before).next;
  const Configuration undone = PlanReplace(pruned, before, kHosts).next;
  EXPECT_TRUE(ApplySet(kGroupA, {"base", true}, undone).changed());
}

TEST(PlanApply, DoesNotPruneWhatIsInUseNorWithoutASet) {
  Configuration current = ApplySet(kTwoGroups, {"base"}).next;
  current = Applied("kind: Policy\nname: p\ngroups: [b]\n", current);
  const Plan used = ApplySet(kGroupA, {"base", true}, current);
  EXPECT_THAT(used.problems, ElementsAre(At(0, "Group/b is in no file of the set \"base\"")));
  EXPECT_EQ(used.next, current);
  EXPECT_THAT(ApplySet(kGroupA, {"", true}, current).problems, SizeIs(1));
  EXPECT_THAT(ApplySet(kGroupA, {"no set", true}, current).problems, SizeIs(1));
}

TEST(PlanReplace, TellsWhatDiffersAndChecksIt) {
  const Configuration before =
      Applied(absl::StrCat(kTwoGroups, "---\nkind: Policy\nname: p\ngroups: [host:db-1]\n"));
  const Configuration after = Applied(
      "kind: Group\nname: a\nmatch: {x: y}\ndescription: x\n---\n"
      "kind: Group\nname: c\nmatch: {x: y}\n");
  const Plan plan = PlanReplace(before, after, kHosts);
  EXPECT_THAT(plan.changes,
              ElementsAre(Change{Kind::kUpdated, "Group/a"}, Change{Kind::kCreated, "Group/c"},
                          Change{Kind::kDeleted, "Group/b"}, Change{Kind::kDeleted, "Policy/p"}));
  EXPECT_EQ(plan.next, after);
  EXPECT_FALSE(PlanReplace(after, after, kHosts).changed());
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
              ElementsAre(At(4, "unknown location \"corp\"")));
  EXPECT_THAT(Apply("kind: Policy\nname: p\ngroups: [\"host:Web 2\"]\n").problems,
              ElementsAre(At(3, "not a name")));
  EXPECT_TRUE(Apply("kind: Policy\nname: p\ngroups: [all]\nlocations: [elsewhere]\n").ok());
}

TEST(PlanApply, AHostThatIsNotThereYetIsAWarning) {
  const Plan plan = Apply("kind: Policy\nname: p\ngroups: [all, \"host:web-2\"]\n");
  EXPECT_TRUE(plan.ok());
  EXPECT_THAT(plan.warnings,
              ElementsAre(At(3,
                             "no host \"web-2\" has enrolled yet: this is for it once it has; "
                             "did you mean \"web-1\"?")));
}

TEST(PlanApply, NoPolicyTakesTheNameOfWhatHostsReportAsTheirOwn) {
  for (const char* name : {"local", "unmanaged", "edit-7"}) {
    EXPECT_THAT(Apply(absl::StrCat("kind: Policy\nname: ", name, "\ngroups: [all]\n")).problems,
                ElementsAre(At(2, "no policy may be called")))
        << name;
  }
  EXPECT_TRUE(Apply("kind: Policy\nname: edit-me\ngroups: [all]\n").ok());
}

TEST(PlanApply, ASizeOfNothingIsRefusedAndARateOfNothingIsNone) {
  EXPECT_THAT(Apply("kind: Policy\nname: p\ngroups: [all]\nlogging: {max_size_kib: 0}\n").problems,
              ElementsAre(At(4, "0 is out of range: it goes from 1 to 32767")));
  const Plan plan = Apply("kind: Policy\nname: p\ngroups: [all]\nlogging: {rate: 0}\n");
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(plan.next.FindPolicy("p")->logging().has_rate());
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
  EXPECT_THAT(ProblemsOfPolicy(R"(port_mappings:
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
                          At(9, "no \"ports\""), At(13, "\"x\" in this list already on line 12"),
                          At(14, "write \"10.0.0.0/8\""), At(15, "unknown ICMP option \"ping\""),
                          At(18, "leave \"action\" out")));
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
  EXPECT_THAT(ProblemsOfPolicy("outbound:\n  allow: [{service: smtp}]\n"
                               "  block: [{protocol: 6, ports: 25}]\n"),
              ElementsAre(At(5,
                             "contradicts the one on line 6: one allows and the other blocks "
                             "tcp/25")));
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
      "outbound: {allow: [{service: game}], block: [{protocol: udp, ports: 9}]}\n");
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
}

// A self-signed certificate.
constexpr char kCa[] = R"(
      -----BEGIN CERTIFICATE-----
      MIIBiDCCAS+gAwIBAgIUFMrGLy39hPrFg4KDLB9BH+uuDRkwCgYIKoZIzj0EAwIw
      GTEXMBUGA1UEAwwOY29ycCBiZWFjb24gQ0EwIBcNMjYxMTIxMTI1NDAxWhgPMjEy
      NjEwMjgxMjU0MDFaMBkxFzAVBgNVBAMMDmNvcnAgYmVhY29uIENBMFkwEwYHKoZI
      zj0CAQYIKoZIzj0DAQcDQgAEM+iDSeL6ZG7VUAYqjlYb3qe/2oEbIWz2J0RXs/EG
      a6B+Vlla9U7sQ/OM8V9N1Iv+QHZSYceRCWd2ODx5gKOd06NTMFEwHQYDVR0OBBYE
      FOoGUHASMKkLCyNKryfLcU/fhWAoMB8GA1UdIwQYMBaAFOoGUHASMKkLCyNKryfL
      cU/fhWAoMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgWvN1xr2r
      DtF/CBI9Tlz6AmETY5whCs7jZgMcS0yqEE8CIH6f7LLAkl0SjmLau9izs8R3H4cg
      myfrOjkvg60QTfRd
      -----END CERTIFICATE-----
)";

TEST(PlanApply, ChecksTheCertificatesOfLocations) {
  const std::string begin = absl::StrCat(
      "kind: Location\nname: corp\nbeacons:\n- address: '[::1]:1'\n  server_name: b\n  ca: |");
  EXPECT_TRUE(Apply(absl::StrCat(begin, kCa)).ok());
  EXPECT_TRUE(Apply(absl::StrCat(begin, kCa, kCa)).ok());
  std::string broken = kCa;
  broken.replace(broken.find("MII"), 4, "MIIA");  // another length
  EXPECT_THAT(Apply(absl::StrCat(begin, broken)).problems, ElementsAre(At(6, "damaged")));
}

TEST(PlanApply, ChecksHowALocationProvesItself) {
  EXPECT_THAT(Apply(R"(kind: Location
name: corp
max_hops: 99
lease: 1s
max_round_trip: 11s
hints:
  gateway_macs: ["02:00:00:00:00:01", "2:0:0:0:0:1"]
  ssids: [office, ""]
---
kind: Location
name: branch
precedence: 1
lease: soon
)")
                  .problems,
              ElementsAre(At(3, "from 0 to 32"), At(4, "from 3s to 1h"), At(5, "from 1ms to 10s"),
                          At(7, "not a MAC address"), At(8, "1 to 32 bytes"),
                          At(13, "a time such as \"60s\"")));
}

TEST(PlanApply, RefusesATieOfLocations) {
  const Configuration current = Applied("{kind: Location, name: branch, precedence: 7}");
  const SourceFile file = {"f", "{kind: Location, name: corp, precedence: 7}"};
  EXPECT_THAT(PlanApply(current, {{file}}, {}).problems,
              ElementsAre(At(1, "location \"branch\" has the precedence 7 too")));
}

TEST(PlanApply, ChecksWhatIsForTheWholeHost) {
  EXPECT_THAT(
      Apply(R"(kind: Policy
name: p
groups: [all]
helpers: [ftp, "sip:udp/5070", fpt, "ftp:udp/21", "tftp:69"]
flows: {udp_timeout: 0s, tcp_timeout: 31h, gre_timeout: 1.5s}
logging: {file: log.txt, max_size_kib: 32768}
sharing: {public: eth0, private: [eth1, eth0, eth1, an-interface-name-of-forty-characters-in-all]}
interfaces:
  - {match: {types: bridge}, firewall: "on"}
  - {match: {names: eth1}, firewall: observe}
  - {match: {names: eth1}, firewall: "off"}
)")
          .problems,
      ElementsAre(At(4, "there are ftp, h323"), At(4, "the helper ftp reads tcp, not udp"),
                  At(4, "reads udp, not 69"), At(5, "0s is out of range"),
                  At(5, "1.500s is out of range"), At(6, "path of a file from the root"),
                  At(6, "from 1 to 32767"), At(7, "there twice"), At(7, "name of an interface"),
                  At(7, "a public interface already"), At(9, "a bridge cannot be given a firewall"),
                  At(10, "private interface of \"sharing\"")));
}

TEST(PlanApply, ChecksRulesAboutWhatIsRouted) {
  EXPECT_THAT(
      Apply(R"(kind: Policy
name: p
groups: [all]
sharing: {public: [eth0, eth2], private: eth1, from: [10.0.0.0/33]}
forward:
  default: maybe
  allow:
    - {in: {names: eth1}, out: {types: [vpn, tunnel]}, from: 10.0.0.0/8, to: "fd00::/8"}
    - {protocol: tcp, ports: 80, forward_to: "10.0.0.1:80"}
    - {protocol: udp, ports: 5060, responses: [udp/7000]}
    - {protocol: tcp, ports: 25, users: [postfix]}
    - {in: {types: ethrnet}, protocol: tcp, ports: 1}
    - {in: {}, protocol: tcp, ports: 99999}
    - {name: lan, action: block}
  block:
    - {name: lan}
port_mappings:
  - {service: ssh, in: {names: eth0}}
interfaces:
  - {match: {names: eth0}, forward: {default: allow}}
)")
          .problems,
      testing::UnorderedElementsAre(
          At(4, "10.0.0.0/33"), At(6, "one of allow, block"), At(8, "not of one address family"),
          At(9, "not where to"), At(10, "what this host begins"), At(11, "comes from no program"),
          At(12, "did you mean \"ethernet\""), At(13, "matches nothing"), At(13, "99999"),
          At(14, "the list that a rule is in"), At(14, "a mapping \"lan\" in this list already"),
          At(18, "only rules of"), At(20, "unknown field \"forward\"")));
}

TEST(PlanApply, ChecksWhereMappingsAreSent) {
  EXPECT_THAT(Apply(R"(kind: Policy
name: p
groups: [all]
port_mappings:
  - {protocol: tcp, ports: 80, forward_to: "192.168.0.5:8080"}
  - {protocol: udp, ports: 27000-27050, forward_to: 192.168.0.5}
  - {protocol: tcp, ports: 81, forward_to: ":8081"}
  - {protocol: tcp, ports: 82, forward_to: ":82"}
  - {protocol: tcp, ports: 83-84, forward_to: "192.168.0.5:1"}
  - {protocol: tcp, ports: 85, forward_to: "0.0.0.0"}
  - {protocol: tcp, ports: 86, forward_to: web-1}
  - {protocol: tcp, ports: 87, from: "2001:db8::/32", forward_to: 192.168.0.5}
  - {protocol: esp, forward_to: "192.168.0.5:1"}
  - {protocol: udp, ports: 88, handshake: proxy}
  - {protocol: tcp, ports: 89, handshake: proxy, forward_to: 192.168.0.5}
  - {protocol: tcp, ports: 90, responses: [udp/1]}
outbound:
  allow:
    - {protocol: tcp, ports: 91, responses: [udp/7000-7010, tcp/9-1]}
    - {protocol: tcp, ports: 92, forward_to: 192.168.0.5}
)")
                  .problems,
              ElementsAre(At(8, "to itself"), At(9, "cannot be sent to one port"),
                          At(10, "not the address of one host"), At(11, "can be sent"),
                          At(12, "not of one address family"), At(13, "has no ports"),
                          At(14, "only TCP has a handshake"), At(15, "together with"),
                          At(16, "what this host begins"), At(19, "9-1"), At(20, "let in")));
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

std::vector<Problem> ProblemsOfStrategy(const std::string& settings) {
  return Apply("kind: RolloutStrategy\nname: s\n" + settings).problems;
}

TEST(RolloutStrategies, ReachAllHostsWaveByWave) {
  EXPECT_THAT(
      ProblemsOfStrategy("waves: [{hosts: 1}, {groups: [all]}, {percent: 100}]\nsoak: 0s\n"),
      IsEmpty());
  EXPECT_THAT(ProblemsOfStrategy("soak: 1m\n"), ElementsAre(At(1, "no \"waves\"")));
  EXPECT_THAT(ProblemsOfStrategy("waves: [{hosts: 1}, {percent: 50}]\n"),
              ElementsAre(At(3, "never reach all hosts")));
  EXPECT_THAT(ProblemsOfStrategy("waves: [{percent: 50}, {percent: 50}, {percent: 100}]\n"),
              ElementsAre(At(3, "would be empty")));
  EXPECT_THAT(ProblemsOfStrategy("waves: [{hosts: 1, percent: 5}, {percent: 100}]\n"),
              ElementsAre(At(3, "one of \"hosts\"")));
  EXPECT_THAT(ProblemsOfStrategy("waves: [{groups: [canaries]}, {percent: 100}]\n"),
              ElementsAre(At(3, "unknown group \"canaries\"")));
  EXPECT_THAT(ProblemsOfStrategy("waves: [{percent: 100}]\nsilence: 2h\n"),
              ElementsAre(At(4, "out of range")));
}

}  // namespace
}  // namespace firebreak::policy
