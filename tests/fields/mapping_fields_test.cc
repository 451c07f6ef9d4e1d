// SPDX-License-Identifier: Apache-2.0

// Checks that every field of a port mapping is supported everywhere. Each field of PortMapping has
// a row here, and setting the field must show in what hosts get, in their rules, in plans, in
// hosts' answers and in what the command line prints. A new field without a row fails the test.

#include <map>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "agent/answer/mappings.h"
#include "cli/command_line.h"
#include "cli/view/mappings.h"
#include "firebreak/v1/admin.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/compile/compile.h"
#include "policy/difference/compare.h"
#include "policy/difference/policy_difference.h"
#include "policy/merge/check_effective.h"
#include "policy/merge/merge.h"
#include "policy/merge/select.h"
#include "policy/resources/plan.h"
#include "policy/resources/write.h"
#include "policy/ruleset/digest.h"

namespace firebreak {
namespace {

// The list of a row's mapping, and the mapping's text without and with the field.
enum class List { kInbound, kOutbound, kForward };
struct Row {
  List list = List::kInbound;
  std::string without = "protocol: tcp, ports: 22";
  std::string with;
  // Where the field does not show: a name changes no packet, for example.
  bool changes_rules = true;
  bool told_by_plan = true;
  std::string option = "";  // of `mapping add`; empty: the field's name
  bool routed = true;       // whether a rule of `forward` may have the field
};

constexpr char kTcp[] = "protocol: tcp, ports: 22";

std::map<std::string, Row> Rows() {
  const auto more = [](const std::string& text) { return absl::StrCat(kTcp, ", ", text); };
  std::map<std::string, Row> rows = {
      {"name", {.with = more("name: other"), .changes_rules = false, .told_by_plan = false}},
      {"service", {.with = "service: http"}},
      {"protocol", {.with = "protocol: udp, ports: 22"}},
      {"ports", {.with = "protocol: tcp, ports: 23"}},
      {"from", {.with = more("from: 192.0.2.5-192.0.2.9")}},
      {"to", {.with = more("to: 198.51.100.1")}},
      {"from_except", {.with = more("from_except: 192.0.2.0/24")}},
      {"to_except", {.with = more("to_except: 198.51.100.1")}},
      {"action", {.with = more("action: reject"), .option = "reject", .routed = false}},
      {"forward_to", {.with = more("forward_to: 10.0.0.5"), .routed = false}},
      {"handshake", {.with = more("handshake: proxy"), .routed = false}},
      {"source_ports", {.with = more("source_ports: 1024-65535")}},
      {"types", {.without = "protocol: icmp", .with = "protocol: icmp, types: echo-request"}},
      {"limit", {.with = more("limit: {rate: 10/minute, burst: 20, per: source}")}},
      {"connections", {.with = more("connections: {max: 20, per: source}")}},
      {"log", {.with = more("log: true")}},
      {"log_rate", {.without = more("log: true"), .with = more("log: true, log_rate: 10/minute")}},
      {"description",
       {.with = more("description: for backups"), .changes_rules = false, .told_by_plan = false}},
      {"enabled", {.with = more("enabled: false"), .option = "disabled"}},
      {"expires", {.with = more("expires: \"2099-01-31T18:00Z\""), .changes_rules = false}},
      {"responses",
       {.list = List::kOutbound,
        .without = "protocol: udp, ports: 1900",
        .with = "protocol: udp, ports: 1900, responses: udp/5000",
        .routed = false}},
      {"users", {.list = List::kOutbound, .with = more("users: 1000"), .routed = false}},
      {"user_groups",
       {.list = List::kOutbound, .with = more("user_groups: 1000"), .routed = false}},
      {"units", {.list = List::kOutbound, .with = more("units: ssh.service"), .routed = false}},
      {"in", {.list = List::kForward, .with = more("in: {names: eth0}")}},
      {"out", {.list = List::kForward, .with = more("out: {types: ethernet}")}},
  };
  return rows;
}

std::string PolicyText(const Row& row, const std::string& mapping) {
  const std::string head = "kind: Policy\nname: p\ngroups: [all]\n";
  if (row.list == List::kOutbound) {
    return absl::StrCat(head, "outbound: {default: block, allow: [{", mapping, "}]}\n");
  }
  if (row.list == List::kForward) {
    return absl::StrCat(head, "forward: {allow: [{", mapping, "}]}\n");
  }
  return absl::StrCat(head, "port_mappings: [{", mapping, "}]\n");
}

policy::Plan PlanOf(const std::string& text) {
  const policy::SourceFile file = {"policy.yaml", text};
  return policy::PlanApply({}, {&file, 1}, {"host"});
}

v1::EffectivePolicy EffectiveOf(const policy::Plan& plan) {
  EXPECT_TRUE(plan.ok()) << (plan.ok() ? "" : plan.problems[0].reason);
  const policy::Selector selector(plan.next);
  const v1::EffectivePolicy effective = policy::Merge(plan.next, selector.Select("host", {}));
  EXPECT_TRUE(policy::CheckEffective(effective).ok()) << policy::CheckEffective(effective);
  return effective;
}

std::string RulesOf(const v1::EffectivePolicy& policy) {
  const std::vector<policy::Interface> interfaces = {{.name = "eth0", .type = "ethernet"}};
  const auto rules = policy::Compile(policy, interfaces);
  EXPECT_TRUE(rules.ok()) << rules.status();
  return rules.ok() ? ruleset::Digest(*rules) : "";
}

std::string AnswerOf(const v1::EffectivePolicy& policy) {
  agent::Snapshot host;
  host.policy = policy;
  std::string text;
  for (const v1::HostMapping& mapping : agent::DescribeMappings(host, /*everywhere=*/true)) {
    absl::StrAppend(&text, mapping.SerializeAsString());
  }
  return text;
}

// Returns the policy's mappings as `mapping list` prints them.
std::string TableOf(const policy::Plan& plan) {
  const v1::Policy& policy = plan.next.Find("Policy/p")->policy();
  v1::ListMappingsResponse response;
  for (const v1::PortMapping& mapping : policy.port_mappings().items()) {
    *response.add_mappings()->mutable_mapping() = mapping;
  }
  return cli::MappingTable(response, /*colours=*/false);
}

// Expects that the field changes what a host gets, enforces and answers, and that a plan reports
// it.
void ExpectSeen(const Row& row, const v1::EffectivePolicy& before,
                const v1::EffectivePolicy& after) {
  EXPECT_NE(before.SerializeAsString(), after.SerializeAsString()) << "merging loses it";
  EXPECT_NE(AnswerOf(before), AnswerOf(after)) << "hosts do not answer it";
  if (row.changes_rules) {
    EXPECT_NE(RulesOf(before), RulesOf(after)) << "it is not compiled";
  }
  size_t work = 10'000'000;
  if (row.told_by_plan) {
    EXPECT_FALSE(policy::ComparePolicies(before, after, work).empty()) << "no plan tells of it";
  }
}

std::string HelpOfMappingAdd() {
  std::ostringstream out, err;
  cli::CommandLine().Parse({"mapping", "add", "--help"}, out, err);
  return out.str();
}

TEST(MappingFields, EveryFieldHasARow) {
  const std::map<std::string, Row> rows = Rows();
  const auto& descriptor = *v1::PortMapping::descriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    EXPECT_TRUE(rows.contains(descriptor.field(i)->name()))
        << descriptor.field(i)->name() << " has no row in this test: see CONTRIBUTING.md";
  }
}

TEST(MappingFields, EveryFieldIsSeenEverywhere) {
  const std::string help = HelpOfMappingAdd();
  for (const auto& [field, row] : Rows()) {
    SCOPED_TRACE(field);
    const policy::Plan before_plan = PlanOf(PolicyText(row, row.without));
    const policy::Plan after_plan = PlanOf(PolicyText(row, row.with));
    ASSERT_TRUE(after_plan.ok()) << after_plan.problems[0].reason;
    ExpectSeen(row, EffectiveOf(before_plan), EffectiveOf(after_plan));
    if (row.list != List::kInbound) continue;
    EXPECT_NE(TableOf(before_plan), TableOf(after_plan)) << "`mapping list` does not print it";
    const std::string option = row.option.empty() ? field : row.option;
    EXPECT_THAT(help,
                testing::HasSubstr(absl::StrCat("--", absl::StrReplaceAll(option, {{"_", "-"}}))));
  }
}

// A rule of `forward` supports the field, or refuses it with the reason.
TEST(MappingFields, EveryFieldIsSeenInForwardOrRefused) {
  for (auto [field, row] : Rows()) {
    SCOPED_TRACE(field);
    row.list = List::kForward;
    const policy::Plan after_plan = PlanOf(PolicyText(row, row.with));
    ASSERT_EQ(after_plan.ok(), row.routed) << (row.routed ? after_plan.problems[0].reason : "");
    if (!row.routed) {
      EXPECT_THAT(after_plan.problems[0].reason,
                  testing::AnyOf(testing::HasSubstr("\"forward\""), testing::HasSubstr("forwarded"),
                                 testing::HasSubstr("outbound"), testing::HasSubstr("SYN proxy")));
      continue;
    }
    ExpectSeen(row, EffectiveOf(PlanOf(PolicyText(row, row.without))), EffectiveOf(after_plan));
  }
}

// `get -o yaml` prints the field, and applying the output gives the same policy.
TEST(MappingFields, EveryFieldComesBackAsItWasWritten) {
  for (const auto& [field, row] : Rows()) {
    SCOPED_TRACE(field);
    const policy::Plan plan = PlanOf(PolicyText(row, row.with));
    ASSERT_TRUE(plan.ok());
    const v1::Resource& resource = *plan.next.Find("Policy/p");
    const std::string text = policy::ToYaml(resource);
    const policy::Plan again = PlanOf(text);
    ASSERT_TRUE(again.ok()) << text;
    EXPECT_EQ(again.next.Find("Policy/p")->SerializeAsString(), resource.SerializeAsString())
        << text;
  }
}

// Checks what each field refuses, and the reasons.
TEST(MappingFields, ContradictionsAreRefused) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"protocol: tcp, ports: tcp/22", "says its protocol"},
      {"ports: 22", "write \"tcp/22\""},
      {"protocol: any, ports: 22", "has no ports"},
      {"protocol: icmp, ports: 22", "types"},
      {"protocol: tcp, ports: 22, types: echo-request", "types are those of ICMP"},
      {"protocol: icmp, types: echo-requst", "did you mean \"echo-request\""},
      {"protocol: icmp, types: packet-too-big", "icmpv6 has one of that name"},
      {"protocol: icmpv6, types: neighbour-solicitation, action: block", "cannot live without"},
      {"protocol: any, source_ports: 53", "source ports are those of"},
      {"protocol: tcp, ports: 22, from: 10.0.0.9-10.0.0.5", "write 10.0.0.5-10.0.0.9"},
      {"protocol: tcp, ports: 22, from: 10.0.0.1, from_except: 10.0.0.0/8", "leave no address"},
      {"protocol: tcp, ports: 22, action: block, limit: {rate: 1/minute}", "a limit says how much"},
      {"protocol: tcp, ports: 22, limit: {rate: 10}", "\"10/minute\""},
      {"protocol: tcp, ports: 22, limit: {rate: 0/minute}", "out of range"},
      {"protocol: tcp, ports: 22, limit: {rate: 1/minute, burst: 0}", "burst"},
      {"protocol: tcp, ports: 22, connections: {max: 0}", "out of range"},
      {"protocol: tcp, ports: 22, log_rate: 1/minute", "log: true"},
      {"protocol: tcp, ports: 22, users: root", "\"outbound\""},
      {"protocol: tcp, ports: 22, units: ssh.service", "\"outbound\""},
      {"protocol: tcp, ports: 22, expires: tomorrow", "2027-01-31T18:00Z"},
      {"protocol: tcp, ports: 22, forward_to: 10.0.0.5, limit: {rate: 1/minute}", "limit"},
  };
  for (const auto& [mapping, reason] : wrong) {
    const policy::Plan plan = PlanOf(PolicyText({}, mapping));
    ASSERT_FALSE(plan.ok()) << mapping;
    EXPECT_THAT(plan.problems[0].reason, testing::HasSubstr(reason)) << mapping;
    EXPECT_EQ(plan.problems[0].line, 4) << mapping;
  }
}

// The same for the lists of `outbound` and `forward`.
TEST(MappingFields, ContradictionsOfOtherListsAreRefused) {
  const std::vector<std::tuple<List, std::string, std::string>> wrong = {
      {List::kOutbound, "protocol: tcp, ports: 22, units: chrony", "\"chrony.service\""},
      {List::kOutbound, "protocol: tcp, ports: 22, units: apt.timer", "the service that it starts"},
      {List::kOutbound, "protocol: tcp, ports: 22, units: getty@.service", "name an instance"},
      {List::kOutbound, "protocol: tcp, ports: 22, units: -.slice", "all programs"},
      {List::kOutbound, "protocol: tcp, ports: 22, units: 7", "\"7.service\""},
      {List::kOutbound, "protocol: tcp, ports: 22, units: {a: b}", "list"},
      {List::kForward, "protocol: any, limit: {rate: 10}", "\"10/minute\""},
      {List::kForward, "protocol: any, limit: {rate: 0/minute}", "out of range"},
      {List::kForward, "protocol: any, connections: {max: 0}", "out of range"},
      {List::kForward, "protocol: any, connections: {max: 9, per: port}", "source"},
      {List::kForward, "protocol: any, log_rate: 1/minute", "log: true"},
      {List::kForward, "protocol: any, expires: tomorrow", "2027-01-31T18:00Z"},
      {List::kForward, "protocol: any, action: reject", "\"block\""},
      {List::kForward, "protocol: any, users: root", "no program of this host"},
  };
  for (const auto& [list, mapping, reason] : wrong) {
    const policy::Plan plan = PlanOf(PolicyText({.list = list}, mapping));
    ASSERT_FALSE(plan.ok()) << mapping;
    EXPECT_THAT(plan.problems[0].reason, testing::HasSubstr(reason)) << mapping;
    EXPECT_EQ(plan.problems[0].line, 4) << mapping;
  }
  const policy::Plan blocked = PlanOf(
      "kind: Policy\nname: p\ngroups: [all]\n"
      "forward: {block: [{protocol: any, limit: {rate: 1/minute}}]}\n");
  ASSERT_FALSE(blocked.ok());
  EXPECT_THAT(blocked.problems[0].reason, testing::HasSubstr("a limit says how much"));
  EXPECT_TRUE(PlanOf("kind: Policy\nname: p\ngroups: [all]\n"
                     "forward: {block: [{protocol: any, action: reject}]}\n")
                  .ok());
}

TEST(MappingFields, AnExpiryInThePastIsRefusedWhereItIsNew) {
  for (const List list : {List::kInbound, List::kOutbound, List::kForward}) {
    const policy::SourceFile file = {
        "policy.yaml",
        PolicyText({.list = list}, "protocol: tcp, ports: 22, expires: \"2020-01-01T00:00Z\"")};
    constexpr int64_t kNow = 1'800'000'000;
    const policy::Plan refused = policy::PlanApply({}, {&file, 1}, {}, {}, kNow);
    ASSERT_FALSE(refused.ok());
    EXPECT_THAT(refused.problems[0].reason, testing::HasSubstr("expired"));
    const policy::Plan taken = policy::PlanApply({}, {&file, 1}, {});
    ASSERT_TRUE(taken.ok());
    EXPECT_TRUE(policy::PlanApply(taken.next, {&file, 1}, {}, {}, kNow).ok());
  }
}

TEST(MappingFields, AMappingThatCanNeverMatchIsToldWithTheOneThatHidesIt) {
  const policy::Plan plan = PlanOf(
      "kind: Policy\nname: p\ngroups: [all]\nport_mappings:\n"
      "- {name: low, protocol: tcp, ports: 1-1023, from: 10.0.0.0/8}\n"
      "- {name: ssh, protocol: tcp, ports: 22, from: 10.1.0.0/16, action: block}\n"
      "- {name: web, protocol: tcp, ports: 80}\n");
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan.warnings.size(), 1u);
  EXPECT_EQ(plan.warnings[0].line, 6);
  EXPECT_THAT(plan.warnings[0].reason, testing::AllOf(testing::HasSubstr("\"ssh\" can never match"),
                                                      testing::HasSubstr("\"low\" on line 5")));
}

}  // namespace
}  // namespace firebreak
