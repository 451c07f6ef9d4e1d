// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/merge.h"

#include <gmock/gmock.h>

#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "policy/merge/check_effective.h"
#include "policy/merge/profile.h"
#include "policy/merge/rules.h"
#include "policy/merge/select.h"
#include "policy/resources/plan.h"

namespace firebreak::policy {
namespace {

using std::string_literals::operator""s;

using testing::ElementsAre;
using testing::IsEmpty;

Configuration Applied(const std::string& text) {
  const SourceFile files[] = {{"f.yaml", text}};
  Plan plan = PlanApply({}, files, {"web-1", "db-1"});
  for (const Problem& problem : plan.problems) ADD_FAILURE() << problem.line << problem.reason;
  return plan.next;
}

v1::EffectivePolicy MergeFor(const std::string& text, const std::string& host = "web-1",
                             const Selector::Labels& labels = {}) {
  const Selector selector(Applied(text));
  const auto selection = selector.Select(host, labels);
  v1::EffectivePolicy merged = Merge(selector.configuration(), selection);
  EXPECT_TRUE(CheckEffective(merged).ok()) << CheckEffective(merged);
  return merged;
}

void ExpectEqual(const v1::EffectivePolicy& policy, const std::string& text) {
  v1::EffectivePolicy expected;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &expected));
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(policy, expected))
      << policy.DebugString();
}

constexpr char kPolicies[] = R"(
kind: Group
name: web
match: {role: web, tier: front}
---
{kind: Policy, name: for-web, groups: [web], priority: 5}
---
{kind: Policy, name: b-all, groups: [all], priority: 5}
---
{kind: Policy, name: for-host, groups: ["host:db-1"], priority: 9}
---
{kind: Policy, name: low, groups: [all, web], priority: -1}
)";

std::vector<std::string> Selected(const Selector& selector, const std::string& host,
                                  const Selector::Labels& labels) {
  std::vector<std::string> names;
  for (const v1::Policy* policy : selector.Select(host, labels)) names.push_back(policy->name());
  return names;
}

TEST(Select, ByLabelsAndNameInOrder) {
  const Selector selector(Applied(kPolicies));
  const Selector::Labels web = {{"role", "web"}, {"tier", "front"}, {"more", "x"}};
  EXPECT_THAT(Selected(selector, "web-1", web), ElementsAre("b-all", "for-web", "low"));
  EXPECT_THAT(Selected(selector, "web-1", {{"role", "web"}}), ElementsAre("b-all", "low"));
  EXPECT_THAT(Selected(selector, "db-1", {}), ElementsAre("for-host", "b-all", "low"));
  EXPECT_THAT(Selected(selector, "db-10", {}), ElementsAre("b-all", "low"));
  EXPECT_THAT(selector.GroupsOf(web), ElementsAre("all", "web"));
  EXPECT_EQ(Selector::KeyOf(selector.Select("x", {})), Selector::KeyOf(selector.Select("y", {})));
  EXPECT_NE(Selector::KeyOf(selector.Select("db-1", {})),
            Selector::KeyOf(selector.Select("x", {})));
  EXPECT_EQ(Selector::KeyOf({}), "");
}

TEST(Merge, WithoutAPolicyTheHostIsUnmanaged) {
  ExpectEqual(MergeFor("{kind: Location, name: corp}"),
              "managed: false locations { name: 'elsewhere' } locations { name: 'corp' proof { "
              "name: 'corp' } }");
}

TEST(Merge, SpellsMappingsOut) {
  ExpectEqual(MergeFor(R"(
kind: Service
name: game
ports: [udp/27000-27050, esp]
---
kind: Policy
name: p
groups: [all]
firewall: observe
icmp: []
port_mappings:
  - {service: game, from: ["2001:db8::/32", 10.0.0.1]}
  - {protocol: tcp, ports: [80, 443]}
  - {service: ssh, action: block, name: no-ssh}
outbound:
  default: block
  allow: [{service: dns, to: 10.0.0.0/8}]
  block: [{protocol: 200}]
)"),
              R"(managed: true
locations {
  name: "elsewhere"
  layers {
    settings {
      firewall: observe firewall_policy: "p"
      inbound {
        items {
          name: "game" policy: "p" action: allow
          ports { protocol: 17 first: 27000 last: 27050 }
          ports { protocol: 50 first: 0 last: 65535 }
          remote { address: " \001\r\270\000\000\000\000\000\000\000\000\000\000\000\000" length: 32 }
          remote { address: "\n\000\000\001" length: 32 }
        }
        items {
          name: "tcp-80_443" policy: "p" action: allow
          ports { protocol: 6 first: 80 last: 80 } ports { protocol: 6 first: 443 last: 443 }
        }
        items { name: "no-ssh" policy: "p" action: block ports { protocol: 6 first: 22 last: 22 } }
      }
      icmp { } icmp_policy: "p"
      outbound_default: block outbound_default_policy: "p"
      outbound {
        items {
          name: "protocol-200" policy: "p" action: block
          ports { protocol: 200 first: 0 last: 65535 }
        }
        items {
          name: "dns" policy: "p" action: allow
          ports { protocol: 17 first: 53 last: 53 } ports { protocol: 6 first: 53 last: 53 }
          remote { address: "\n\000\000\000" length: 8 }
        }
      }
    }
  }
})");
}

// Ranges and exceptions are spelled out as prefixes, and mappings that are not enabled are left
// out.
TEST(Merge, RangesAndExceptionsAreSpelledOut) {
  const v1::EffectivePolicy merged = MergeFor(R"(
kind: Policy
name: p
groups: [all]
port_mappings:
  - {protocol: any, from: 10.0.0.5-10.0.0.9, to: 10.0.0.0/30, to_except: 10.0.0.1}
  - {service: ssh, enabled: false}
  - {ports: [tcp/53, udp/53], action: reject, log: true, log_rate: 5/hour}
  - {protocol: icmp, types: [echo-request, 3/4], expires: "2027-01-31T18:00Z"}
)");
  const auto& items = merged.locations(0).layers(0).settings().inbound().items();
  ASSERT_EQ(items.size(), 3);
  EXPECT_THAT(items[0].ShortDebugString(),
              testing::HasSubstr("name: \"any\" policy: \"p\" action: allow "
                                 "ports { last: 65535 "));
  const auto texts = [](const auto& prefixes) {
    std::vector<std::string> all;
    for (const v1::Prefix& prefix : prefixes) {
      all.push_back(std::to_string(static_cast<uint8_t>(prefix.address()[3])) + "/" +
                    std::to_string(prefix.length()));
    }
    return all;
  };
  EXPECT_EQ(texts(items[0].remote()), (std::vector<std::string>{"5/32", "6/31", "8/31"}));
  EXPECT_EQ(texts(items[0].local()), (std::vector<std::string>{"0/32", "2/31"}));
  EXPECT_EQ(items[1].action(), v1::Traffic::reject);
  EXPECT_EQ(items[1].log().records(), 5u);
  EXPECT_EQ(items[1].log().seconds(), 3600u);
  ASSERT_EQ(items[2].icmp_size(), 2);
  EXPECT_EQ(items[2].icmp(1).code(), 4u);
  EXPECT_EQ(items[2].expires(), 1801418400);
}

TEST(Merge, NeighboursWithoutSectionsAreOneLayer) {
  const v1::EffectivePolicy merged = MergeFor(R"(
{kind: Policy, name: a, groups: [all], priority: 4, firewall: "off"}
---
{kind: Policy, name: b, groups: [all], priority: 3, firewall: "on", icmp: [redirect],
 port_mappings: [{service: ssh}]}
---
{kind: Policy, name: c, groups: [all], priority: 2, port_mappings: [{service: ssh}],
 interfaces: [{match: {names: eth0}, outbound: {default: block}, port_mappings: []}]}
---
{kind: Policy, name: d, groups: [all], priority: 1, icmp: [], port_mappings: [{service: http}]}
---
{kind: Policy, name: e, groups: [all], description: "says nothing"}
)");
  const v1::EffectiveLocation& location = merged.locations(0);
  ASSERT_EQ(location.layers_size(), 3);
  EXPECT_EQ(location.layers(0).settings().firewall(), v1::Firewall::off);
  EXPECT_EQ(location.layers(0).settings().firewall_policy(), "a");
  EXPECT_EQ(location.layers(0).settings().icmp_policy(), "b");
  const v1::Settings& section = location.layers(1).interfaces(0).settings();
  EXPECT_TRUE(section.has_inbound());
  EXPECT_TRUE(section.has_outbound()) << "replaces the policy's lists by none";
  EXPECT_EQ(section.outbound_default_policy(), "c");

  const auto names = [&](const char* interface_name) {
    std::vector<std::string> result;
    for (const v1::Mapping* mapping : ProfileOf(location, interface_name, "ethernet").inbound) {
      result.push_back(mapping->policy() + "/" + mapping->name());
    }
    return result;
  };
  EXPECT_THAT(names("eth1"), ElementsAre("b/ssh", "c/ssh", "d/http"));
  EXPECT_THAT(names("eth0"), ElementsAre("b/ssh", "d/http"));
}

TEST(Merge, PerLocationByPrecedence) {
  const v1::EffectivePolicy merged = MergeFor(R"(
{kind: Location, name: home, precedence: 1}
---
{kind: Location, name: branch, precedence: 6}
---
{kind: Location, name: corp, precedence: 5}
---
{kind: Policy, name: any, groups: [all], firewall: "on"}
---
{kind: Policy, name: at-work, groups: [all], priority: 1, locations: [corp, branch], firewall: "off"}
---
{kind: Policy, name: away, groups: [all], priority: 2, locations: [elsewhere], firewall: observe}
)");
  std::vector<std::string> found;
  for (const v1::EffectiveLocation& location : merged.locations()) {
    found.push_back(location.name() + " " + BaseProfileOf(location).firewall_policy);
  }
  EXPECT_THAT(found, ElementsAre("elsewhere away", "branch at-work", "corp at-work", "home any"));
}

TEST(Merge, SettingsOfTheHostAreSetOneByOne) {
  ExpectEqual(MergeFor(R"(
{kind: Policy, name: a, groups: [all], priority: 2, logging: {dropped: false}, flows: {udp_timeout: 5s}}
---
{kind: Policy, name: b, groups: [all], priority: 1, local_control: confirm, helpers: [ftp],
 logging: {dropped: true, connections: true}, flows: {udp_timeout: 6s, tcp_timeout: 1m},
 sharing: {public: eth0, private: eth1}}
---
{kind: Policy, name: c, groups: [all], local_control: allow, helpers: []}
)"),
              R"(managed: true
locations {
  name: "elsewhere"
  layers {
    settings {
      helpers { items { name: "ftp" ports { protocol: 6 first: 21 last: 21 } } }
      helpers_policy: "b"
      flows { udp_timeout { seconds: 5 } tcp_timeout { seconds: 60 } }
    }
  }
  host {
    local_control: confirm local_control_policy: "b"
    logging { dropped: false connections: true } logging_policy: "a"
    sharing { public: "eth0" private: "eth1" } sharing_policy: "b"
  }
})");
}

TEST(Merge, SpellsOutWhereMappingsAreSent) {
  const v1::EffectivePolicy merged = MergeFor(R"(
kind: Policy
name: p
groups: [all]
port_mappings:
  - {protocol: tcp, ports: 80, forward_to: "192.168.0.5:8080"}
  - {protocol: tcp, ports: 81, forward_to: ":8081"}
  - {protocol: tcp, ports: 82, handshake: proxy}
outbound:
  allow: [{protocol: tcp, ports: 83, responses: udp/7000-7010}]
)");
  const v1::Settings& settings = merged.locations(0).layers(0).settings();
  EXPECT_EQ(settings.inbound().items(0).forward().address(), "\xc0\xa8\x00\x05"s);
  EXPECT_EQ(settings.inbound().items(0).forward().port(), 8080u);
  EXPECT_EQ(settings.inbound().items(1).forward().address(), "");
  EXPECT_TRUE(settings.inbound().items(2).proxy_handshake());
  EXPECT_EQ(settings.outbound().items(0).responses(0).last(), 7010u);
}

TEST(Merge, NamesInAListAreUnique) {
  const v1::EffectivePolicy merged = MergeFor(R"(
kind: Policy
name: p
groups: [all]
port_mappings:
  - {service: ssh, from: 10.0.0.0/8}
  - {service: ssh, from: 192.168.0.0/16}
  - {name: ssh-2, service: ssh, from: 172.16.0.0/12}
  - {protocol: tcp, ports: [1, 2, 3, 4, 5]}
)");
  std::vector<std::string> names;
  for (const v1::Mapping& mapping : merged.locations(0).layers(0).settings().inbound().items()) {
    names.push_back(mapping.name());
  }
  EXPECT_THAT(names, ElementsAre("ssh", "ssh-3", "ssh-2", "tcp-1_2_3"));
}

TEST(Merge, GivesTheSameBytesWhateverTheOrderOfTheFile) {
  const std::string a = "{kind: Policy, name: a, groups: [all], port_mappings: [{service: ssh}]}\n";
  const std::string b =
      "{kind: Policy, name: b, groups: [all], port_mappings: [{service: http}]}\n";
  EXPECT_EQ(Serialize(MergeFor(a + "---\n" + b)), Serialize(MergeFor(b + "---\n" + a)));
  EXPECT_NE(Serialize(MergeFor(a)), Serialize(MergeFor(b)));
}

v1::Firewall::Mode FirewallOf(const v1::EffectivePolicy& policy, const char* interface,
                              const std::string& location = "elsewhere") {
  for (const v1::EffectiveLocation& one : policy.locations()) {
    if (one.name() == location) return ProfileOf(one, interface, "ethernet").firewall;
  }
  return v1::Firewall::unspecified;
}

TEST(MergeEdits, StandAboveEveryPolicyInTheirOrder) {
  const std::string text = R"(
{kind: Location, name: corp}
---
{kind: Policy, name: aaa, groups: [all, "host:web-1"], priority: 1000000, firewall: "off"}
---
{kind: Edit, name: edit-9, group: all, firewall: "off"}
---
{kind: Edit, name: edit-10, group: all, firewall: "on"}
---
{kind: Edit, name: edit-3, group: all, location: corp, firewall: observe}
---
{kind: Edit, name: edit-2, group: all, interface: "wlan*", firewall: "off"}
---
{kind: Edit, name: edit-1, group: "host:db-1", firewall: observe}
)";
  const v1::EffectivePolicy web = MergeFor(text);
  EXPECT_EQ(FirewallOf(web, "eth0"), v1::Firewall::on) << "the newest of all";
  EXPECT_EQ(FirewallOf(web, "eth0", "corp"), v1::Firewall::observe) << "the location's";
  EXPECT_EQ(FirewallOf(web, "wlan0", "corp"), v1::Firewall::off) << "the interface's";
  const v1::EffectivePolicy db = MergeFor(text, "db-1");
  EXPECT_EQ(FirewallOf(db, "wlan0", "corp"), v1::Firewall::observe) << "the host's";
}

TEST(MergeEdits, ABlockOfOneInterfaceTakesAwayAnAllowOfAll) {
  const v1::EffectivePolicy merged = MergeFor(R"(
{kind: Policy, name: p, groups: [all], port_mappings: [{service: ssh}]}
---
{kind: Edit, name: edit-5, group: all, mapping: {name: ssh, service: ssh}}
---
{kind: Edit, name: edit-4, group: all, interface: eth0,
 mapping: {name: ssh, service: ssh, action: block}}
)");
  const Profile eth0 = ProfileOf(merged.locations(0), "eth0", "ethernet");
  ASSERT_EQ(eth0.inbound.size(), 3u);
  EXPECT_EQ(eth0.inbound[0]->policy(), "edit-4");
  EXPECT_EQ(eth0.inbound[0]->action(), v1::Traffic::block);
  const Profile eth1 = ProfileOf(merged.locations(0), "eth1", "ethernet");
  ASSERT_EQ(eth1.inbound.size(), 2u);
  EXPECT_EQ(eth1.inbound[0]->policy(), "edit-5");
}

TEST(MergeEdits, ASwitchLeavesAnUnmanagedHostOpenWhereItIsNotAboutIt) {
  const v1::EffectivePolicy merged =
      MergeFor("{kind: Edit, name: edit-1, group: all, interface: eth0, firewall: \"on\"}");
  EXPECT_TRUE(merged.managed());
  EXPECT_EQ(FirewallOf(merged, "eth0"), v1::Firewall::on);
  EXPECT_EQ(FirewallOf(merged, "eth1"), v1::Firewall::off);
}

TEST(MergeEdits, AMappingAloneMakesNoHostManaged) {
  const v1::EffectivePolicy merged =
      MergeFor("{kind: Edit, name: edit-1, group: all, mapping: {name: ssh, service: ssh}}");
  EXPECT_FALSE(merged.managed());
  EXPECT_TRUE(merged.locations(0).layers().empty());
}

TEST(Merge, AZeroOfAHigherPolicyIsAValue) {
  const v1::EffectivePolicy merged = MergeFor(R"(
{kind: Policy, name: low, groups: [all], logging: {dropped: true, rate: 5}}
---
{kind: Policy, name: top, groups: [all], priority: 1, logging: {rate: 0}}
)");
  const v1::Logging& logging = merged.locations(0).host().logging();
  EXPECT_TRUE(logging.has_rate());
  EXPECT_EQ(logging.rate(), 0u);
  EXPECT_TRUE(logging.dropped());
}

// A long list that holds at many locations is once in the message for each.
TEST(Merge, EndsWhereItIsTooLargeAlready) {
  std::string yaml = "kind: Policy\nname: p\ngroups: [all]\nport_mappings:\n";
  for (int port = 1; port <= 10'000; ++port) {
    absl::StrAppend(&yaml, "  - {protocol: tcp, ports: ", port, "}\n");
  }
  for (int i = 0; i < 2 * kMaxLocations; ++i) {
    absl::StrAppend(&yaml, "---\nkind: Location\nname: l", i, "\nprecedence: ", i, "\n");
  }
  const Selector selector(Applied(yaml));
  const v1::EffectivePolicy effective =
      Merge(selector.configuration(), selector.Select("web-1", {}));
  EXPECT_GT(effective.ByteSizeLong(), kMaxEffectiveBytes);
  EXPECT_LT(effective.ByteSizeLong(), 2 * kMaxEffectiveBytes);
  EXPECT_TRUE(absl::IsResourceExhausted(CheckEffective(effective)));
}

TEST(RulesOf, ALocationAtWhichTheSameHoldsIsNoDifference) {
  const std::string policy = "{kind: Policy, name: p, groups: [all]}\n---\n";
  const std::string corp = "{kind: Location, name: corp}\n---\n";
  const auto same = [](const v1::EffectivePolicy& a, const v1::EffectivePolicy& b) {
    return Serialize(RulesOf(a)) == Serialize(RulesOf(b));
  };
  EXPECT_TRUE(same(MergeFor(policy), MergeFor(policy + corp)));
  const std::string nobody = "{kind: Group, name: g, match: {a: b}}\n---\n";
  EXPECT_TRUE(same(MergeFor(nobody), MergeFor(corp)));
  EXPECT_FALSE(same(MergeFor(policy), MergeFor(nobody)));
  EXPECT_FALSE(same(
      MergeFor(policy + corp),
      MergeFor(policy + corp +
               "{kind: Policy, name: q, groups: [all], locations: [corp], icmp: [echo-request]}")));
}

}  // namespace
}  // namespace firebreak::policy
