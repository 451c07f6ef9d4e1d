// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/if_arp.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include <map>
#include <string>
#include <utility>

#include "policy/compile/compile.h"
#include "policy/trace/evaluate.h"

namespace firebreak::policy {
namespace {

using ruleset::Bytes;

constexpr uint32_t kNew = NF_CT_STATE_BIT(IP_CT_NEW);

Bytes Address(const char* text) {
  char bytes[16];
  if (inet_pton(AF_INET, text, bytes) == 1) return Bytes(bytes, 4);
  EXPECT_EQ(inet_pton(AF_INET6, text, bytes), 1) << text;
  return Bytes(bytes, 16);
}

Bytes Tcp(uint16_t port, char flags) {
  Bytes header = Bytes("\x9c\x40", 2) + static_cast<char>(port >> 8) + static_cast<char>(port) +
                 Bytes(16, '\0');
  header[13] = flags;
  return header;
}

// A router. eth0 leads outside, eth1 and eth2 to other networks, br0 carries containers, br1 an
// uplink, and wg0 is a VPN.
class ForwardedTest : public testing::Test {
 protected:
  ForwardedTest() {
    policy_.set_managed(true);
    policy_.add_locations()->set_name("elsewhere");
    policy_.mutable_locations(0)->add_layers();
  }

  v1::Settings& Settings() {
    return *policy_.mutable_locations(0)->mutable_layers(0)->mutable_settings();
  }
  v1::Sharing& Sharing() {
    return *policy_.mutable_locations(0)->mutable_host()->mutable_sharing();
  }
  v1::Mapping& AddRule(v1::Traffic::Action action) {
    v1::Mapping& rule = *Settings().mutable_forward()->add_items();
    rule.set_policy("p");
    rule.set_name("r" + std::to_string(Settings().forward().items_size()));
    rule.set_action(action);
    rule.add_ports()->set_last(65535);  // any protocol
    return rule;
  }
  static void AddPrefix(google::protobuf::RepeatedPtrField<v1::Prefix>& list, const char* address,
                        uint32_t length) {
    v1::Prefix& prefix = *list.Add();
    prefix.set_address(Address(address));
    prefix.set_length(length);
  }
  static void AddPorts(uint32_t protocol, uint32_t first, uint32_t last, v1::Mapping& mapping) {
    if (mapping.ports_size() == 1 && mapping.ports(0).protocol() == 0) mapping.clear_ports();
    v1::PortRange& range = *mapping.add_ports();
    range.set_protocol(protocol);
    range.set_first(first);
    range.set_last(last);
  }

  // Returns a packet that is routed from one interface to another.
  Packet Routed(const char* in, const char* out, const char* from = "10.1.0.9",
                const char* to = "10.2.0.9", uint16_t port = 80, char flags = 0x02) {
    Packet packet = {.protocol = IPPROTO_TCP, .transport = Tcp(port, flags)};
    const Bytes source = Address(from), destination = Address(to);
    packet.family = source.size() == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
    packet.network = Bytes(source.size() == 4 ? 12 : 8, '\0') + source + destination;
    packet.in = Device(in);
    packet.out = Device(out);
    packet.state = kNew;
    packet.flow = Flow();
    packet.flow->original = {.family = packet.family,
                             .source = source,
                             .destination = destination,
                             .protocol = IPPROTO_TCP,
                             .source_port = 40000,
                             .destination_port = port};
    return packet;
  }
  // Returns a routed packet that was sent to `first_port` of this host, before its destination was
  // changed.
  Packet Published(const char* in, const char* out, uint16_t first_port,
                   const char* from = "10.1.0.9") {
    Packet packet = Routed(in, out, from);
    packet.flow->original.destination = Address("192.0.2.2");
    packet.flow->original.destination_port = first_port;
    packet.flow->status = IPS_DST_NAT;
    return packet;
  }
  Packet::Device Device(const char* name) {
    for (const Interface& one : interfaces_) {
      if (one.name == name) return {.index = one.index, .name = name, .type = ARPHRD_ETHER};
    }
    return {.index = 99, .name = name, .type = ARPHRD_ETHER};
  }

  // Returns the name of the chain that decided.
  std::string Judged(const Packet& packet) {
    const auto ruleset = Compile(policy_, interfaces_);
    EXPECT_TRUE(ruleset.ok()) << ruleset.status();
    HostState host;
    host.local = {{Address("192.0.2.2"), 32, RTN_LOCAL, 1}};
    host.interfaces.push_back({.device = Device("eth1"), .addresses = {Address("10.1.0.1")}});
    host.route = [&](const Bytes&, uint32_t) { return packet.in->index; };
    const Decision decision = Evaluate(*ruleset->inet, "forward", packet, host);
    return (decision.accepted ? "+" : "-") + decision.steps.back().chain;
  }
  bool Passes(const Packet& packet) { return Judged(packet)[0] == '+'; }

  v1::EffectivePolicy policy_;
  std::vector<Interface> interfaces_ = {
      {.name = "eth0", .type = "ethernet", .index = 1},
      {.name = "eth1", .type = "ethernet", .index = 2},
      {.name = "eth2", .type = "ethernet", .index = 3},
      {.name = "br0", .type = "bridge", .index = 4},
      {.name = "br1", .type = "bridge", .index = 5},
      {.name = "wg0", .type = "vpn", .index = 6},
      {.name = "veth7", .type = "container", .index = 7, .is_port = true, .master = 4},
      {.name = "tap8", .type = "vpn", .index = 8, .is_port = true, .master = 4},
      {.name = "veth9", .type = "container", .index = 9, .is_port = true, .master = 5},
      {.name = "eno10", .type = "ethernet", .index = 10, .is_port = true, .master = 5}};
};

TEST_F(ForwardedTest, TheTypeOfTheInterfaceDecidesIfNothingElseDoes) {
  EXPECT_EQ(Judged(Routed("eth0", "eth1")), "-drop.forward");
  EXPECT_EQ(Judged(Routed("eth0", "eth1", "2001:db8::9", "2001:db8:1::9")), "-drop.forward");
  EXPECT_EQ(Judged(Routed("eth0", "br0")), "-drop.forward");
  EXPECT_TRUE(Passes(Routed("br0", "eth0"))) << "containers reach out";
  EXPECT_FALSE(Passes(Routed("br1", "eth0"))) << "a bridge with an uplink leads outside";
  EXPECT_TRUE(Passes(Routed("wg0", "eth0")));
  EXPECT_FALSE(Passes(Routed("wg0", "br0"))) << "a VPN's client is no container";
  EXPECT_FALSE(Passes(Routed("veth11", "eth0"))) << "the agent has not seen it yet";
  EXPECT_TRUE(Passes(Routed("br1", "br1"))) << "the bridge switches it";
}

TEST_F(ForwardedTest, WhatBelongsToAFlowPasses) {
  Packet answer = Routed("eth0", "eth1", "10.1.0.9", "10.2.0.9", 80, 0x10);
  answer.state = NF_CT_STATE_BIT(IP_CT_ESTABLISHED);
  EXPECT_EQ(Judged(answer), "+forward");
  answer.state = kNew;
  Settings().set_forward_default(v1::Traffic::allow);
  EXPECT_EQ(Judged(answer), "-drop.not-syn");
  answer.state = NF_CT_STATE_INVALID_BIT;
  EXPECT_EQ(Judged(answer), "-drop.invalid");
  Packet error = Routed("eth0", "eth1");
  error.protocol = IPPROTO_ICMP;
  error.transport = Bytes("\x03\x03", 2) + Bytes(30, '\0');
  error.state = NF_CT_STATE_BIT(IP_CT_RELATED);
  EXPECT_TRUE(Passes(error));
}

TEST_F(ForwardedTest, ModesOfTheInterfaceThatItComesInBy) {
  Settings().set_firewall(v1::Firewall::observe);
  EXPECT_EQ(Judged(Routed("eth0", "eth1")), "+observe.forward");
  Settings().set_firewall(v1::Firewall::off);
  EXPECT_TRUE(Passes(Routed("eth0", "eth1")));
  Settings().set_firewall(v1::Firewall::on);
  v1::InterfaceLayer& section = *policy_.mutable_locations(0)->mutable_layers(0)->add_interfaces();
  section.mutable_match()->add_names("eth2");
  section.mutable_settings()->set_firewall(v1::Firewall::off);
  EXPECT_TRUE(Passes(Routed("eth2", "eth0")));
  EXPECT_FALSE(Passes(Routed("eth0", "eth2")));
}

TEST_F(ForwardedTest, RulesHaveInterfacesAddressesAndPorts) {
  v1::Mapping& block = AddRule(v1::Traffic::block);
  AddPrefix(*block.mutable_remote(), "10.1.0.66", 32);
  v1::Mapping& rule = AddRule(v1::Traffic::allow);
  rule.mutable_in()->add_names("eth1");
  rule.mutable_out()->add_names("eth0");
  rule.mutable_out()->add_names("eth2");
  AddPrefix(*rule.mutable_remote(), "10.1.0.0", 16);
  AddPrefix(*rule.mutable_remote(), "10.1.4.0", 24);  // within the other rule's prefix
  AddPrefix(*rule.mutable_remote(), "fd00::", 8);
  AddPrefix(*rule.mutable_local(), "10.2.0.0", 16);
  AddPorts(IPPROTO_TCP, 80, 80, rule);
  AddPorts(IPPROTO_TCP, 8000, 8010, rule);
  EXPECT_EQ(Judged(Routed("eth1", "eth0")), "+in/elsewhere/rule/p/r2");
  EXPECT_TRUE(Passes(Routed("eth1", "eth2", "10.1.4.9", "10.2.0.9", 8005)));
  EXPECT_FALSE(Passes(Routed("eth1", "br0"))) << "another way out";
  EXPECT_FALSE(Passes(Routed("eth2", "eth0"))) << "another way in";
  EXPECT_FALSE(Passes(Routed("eth1", "eth0", "10.9.0.9"))) << "another source";
  EXPECT_FALSE(Passes(Routed("eth1", "eth0", "10.1.0.9", "10.3.0.9"))) << "another destination";
  EXPECT_FALSE(Passes(Routed("eth1", "eth0", "10.1.0.9", "10.2.0.9", 8011))) << "another port";
  EXPECT_FALSE(Passes(Routed("eth1", "eth0", "fd00::9", "fd00::1")))
      << "its destinations are of IPv4 alone";
  EXPECT_EQ(Judged(Routed("eth1", "eth0", "10.1.0.66")), "-drop.blocked");
}

TEST_F(ForwardedTest, RulesMeanInterfacesByTypeAndPattern) {
  v1::Mapping& rule = AddRule(v1::Traffic::allow);
  rule.mutable_in()->add_names("eth*");
  rule.mutable_out()->add_types("vpn");
  EXPECT_TRUE(Passes(Routed("eth2", "wg0")));
  EXPECT_FALSE(Passes(Routed("br1", "wg0")));
  EXPECT_FALSE(Passes(Routed("eth2", "eth1")));
  // A blocking rule might apply to an interface that the agent has not seen, too.
  Settings().set_forward_default(v1::Traffic::allow);
  EXPECT_TRUE(Passes(Routed("eth2", "eth1")));
  EXPECT_FALSE(Passes(Routed("eth77", "eth1")));
  EXPECT_FALSE(Passes(Routed("eth2", "wg77")));
}

TEST_F(ForwardedTest, APublishedPortIsOpenIfAMappingOpensIt) {
  EXPECT_EQ(Judged(Published("eth0", "br0", 8080)), "-drop.unsolicited");
  v1::Mapping& web = *Settings().mutable_inbound()->add_items();
  web.set_policy("p");
  web.set_name("web");
  web.set_action(v1::Traffic::allow);
  AddPorts(IPPROTO_TCP, 8080, 8080, web);
  EXPECT_TRUE(Passes(Published("eth0", "br0", 8080)));
  EXPECT_FALSE(Passes(Published("eth0", "br0", 80))) << "the port of the container itself";
  EXPECT_FALSE(Passes(Routed("eth0", "br0", "10.1.0.9", "10.2.0.9", 8080))) << "merely routed";
  AddPrefix(*web.mutable_remote(), "10.1.0.0", 16);
  EXPECT_TRUE(Passes(Published("eth0", "br0", 8080)));
  EXPECT_FALSE(Passes(Published("eth0", "br0", 8080, "10.7.0.9")));
}

TEST_F(ForwardedTest, RulesAboutWhatIsRoutedOpenNoPublishedPort) {
  AddRule(v1::Traffic::allow);
  Settings().set_forward_default(v1::Traffic::allow);
  EXPECT_TRUE(Passes(Routed("eth0", "br0")));
  EXPECT_FALSE(Passes(Published("eth0", "br0", 8080)));
}

TEST_F(ForwardedTest, ContainersReachWhatTheirEnginePublishesUnlessAMappingForbidsIt) {
  EXPECT_TRUE(Passes(Published("br0", "br0", 8080)));
  EXPECT_TRUE(Passes(Published("br0", "eth0", 8080)));
  EXPECT_FALSE(Passes(Published("wg0", "br0", 8080)));
  v1::Mapping& web = *Settings().mutable_inbound()->add_items();
  web.set_policy("p");
  web.set_name("web");
  web.set_action(v1::Traffic::block);
  AddPorts(IPPROTO_TCP, 8080, 8080, web);
  EXPECT_EQ(Judged(Published("br0", "eth0", 8080)), "-drop.blocked");
  EXPECT_TRUE(Passes(Published("br0", "eth0", 8081)));
  Settings().set_forward_default(v1::Traffic::block);
  EXPECT_FALSE(Passes(Published("br0", "eth0", 8081)));
  EXPECT_FALSE(Passes(Routed("br0", "eth0")));
}

TEST_F(ForwardedTest, PrivateNetworksReachThePublicOnesAndNotEachOther) {
  Sharing().add_public_("eth0");
  Sharing().add_public_("wg0");
  Sharing().add_private_("eth1");
  Sharing().add_private_("eth2");
  EXPECT_TRUE(Passes(Routed("eth1", "eth0")));
  EXPECT_TRUE(Passes(Routed("eth2", "wg0")));
  EXPECT_FALSE(Passes(Routed("eth1", "eth2")));
  EXPECT_FALSE(Passes(Routed("eth1", "br0")));
  EXPECT_FALSE(Passes(Routed("br0", "eth1"))) << "nor do containers reach them";
  EXPECT_FALSE(Passes(Routed("wg0", "eth1")));
  Settings().set_forward_default(v1::Traffic::allow);
  EXPECT_FALSE(Passes(Routed("eth0", "eth1"))) << "a default opens no private network";
  EXPECT_FALSE(Passes(Routed("eth1", "eth2")));
  v1::Mapping& rule = AddRule(v1::Traffic::allow);
  rule.mutable_in()->add_names("eth1");
  rule.mutable_out()->add_names("eth2");
  EXPECT_TRUE(Passes(Routed("eth1", "eth2")));
  EXPECT_FALSE(Passes(Routed("eth2", "eth1")));
}

TEST_F(ForwardedTest, SharingIsForThePrefixesThatItNames) {
  Sharing().add_public_("eth0");
  Sharing().add_private_("eth1");
  Sharing().add_from("10.1.0.0/24");
  EXPECT_TRUE(Passes(Routed("eth1", "eth0")));
  EXPECT_FALSE(Passes(Routed("eth1", "eth0", "10.1.7.9")));
  EXPECT_FALSE(Passes(Routed("eth1", "eth0", "fd00::9", "fd00:1::9")));
}

TEST_F(ForwardedTest, RulesComeBeforeWhatSharingLetsOut) {
  Sharing().add_public_("eth0");
  Sharing().add_private_("eth1");
  Sharing().add_from("10.1.0.0/24");
  const auto judged = [&](const char* from, uint16_t port) {
    return Judged(Routed("eth1", "eth0", from, "10.2.0.9", port));
  };
  EXPECT_EQ(judged("10.1.0.9", 25)[0], '+');
  v1::Mapping& ours = AddRule(v1::Traffic::allow);
  AddPrefix(*ours.mutable_remote(), "10.1.0.25", 32);
  AddPorts(IPPROTO_TCP, 25, 25, ours);
  AddPorts(IPPROTO_TCP, 25, 25, AddRule(v1::Traffic::block));
  EXPECT_EQ(judged("10.1.0.25", 25), "+in/elsewhere/rule/p/r1");
  EXPECT_EQ(judged("10.1.0.9", 25), "-drop.blocked");
  EXPECT_EQ(judged("10.1.0.9", 80)[0], '+') << "what no rule covers is shared as before";
  EXPECT_EQ(judged("10.1.7.9", 80), "-drop.forward");
  Packet back = Routed("eth1", "eth1", "10.1.0.9", "10.1.0.8", 25);
  EXPECT_TRUE(Passes(back)) << "what goes back to its own network is no way to the public";
  Settings().set_firewall(v1::Firewall::off);
  EXPECT_EQ(judged("10.1.0.9", 25)[0], '+');
}

TEST_F(ForwardedTest, WhatAnotherProgramSendsToThisHostIsJudgedByItsFirstDestination) {
  v1::Mapping& web = *Settings().mutable_inbound()->add_items();
  web.set_action(v1::Traffic::allow);
  AddPorts(IPPROTO_TCP, 80, 80, web);
  const ruleset::Ruleset ruleset = Compile(policy_, interfaces_).value();
  const auto comes_in = [&](uint16_t first_port) {
    Packet packet = Published("eth0", "eth0", first_port);
    packet.out.reset();
    return Evaluate(*ruleset.inet, "input", packet, {}).accepted;
  };
  EXPECT_TRUE(comes_in(80));
  EXPECT_FALSE(comes_in(8080)) << "port 80 is open, and 8080 is redirected to it";
}

TEST_F(ForwardedTest, RulesRejectRecordAndLimit) {
  v1::Mapping& told = AddRule(v1::Traffic::reject);
  AddPorts(IPPROTO_TCP, 25, 25, told);
  v1::Mapping& few = AddRule(v1::Traffic::allow);
  AddPorts(IPPROTO_TCP, 22, 22, few);
  few.mutable_limit()->set_flows(1);
  few.mutable_limit()->set_seconds(60);
  few.mutable_limit()->set_burst(5);
  few.mutable_limit()->set_per_source(true);
  few.mutable_connections()->set_max(3);
  few.mutable_log();
  EXPECT_EQ(Judged(Routed("eth0", "eth1", "10.1.0.9", "10.2.0.9", 25)), "-drop.rejected");
  EXPECT_EQ(Judged(Routed("eth0", "eth1", "10.1.0.9", "10.2.0.9", 22)), "+in/elsewhere/rule/p/r2");
  EXPECT_EQ(Judged(Routed("eth0", "eth1", "10.1.0.9", "10.2.0.9", 23)), "-drop.forward");
  const auto ruleset = Compile(policy_, interfaces_);
  ASSERT_TRUE(ruleset.ok()) << ruleset.status();
  // A flow above the limit goes on to the next rule.
  EXPECT_EQ(ruleset->inet->chains.count("in/elsewhere/routed/limit/p/r2"), 1u);
  EXPECT_EQ(ruleset->inet->sets.count("in/elsewhere/routed/rate4/p/r2"), 1u);
  const auto& first = ruleset->inet->chains.at("in/elsewhere/rule/p/r2").rules.at(0);
  EXPECT_EQ(std::get<ruleset::Log>(first.expressions.back()).prefix, "allow p/r2 ");
}

TEST_F(ForwardedTest, SegmentsAreLoweredOnlyIfAskedFor) {
  Sharing().add_public_("eth0");
  Sharing().add_private_("eth1");
  const auto clamps = [&] {
    const auto ruleset = Compile(policy_, interfaces_);
    EXPECT_TRUE(ruleset.ok()) << ruleset.status();
    return ruleset->inet->chains.contains("share.clamp");
  };
  EXPECT_FALSE(clamps());
  Sharing().set_clamp_mss(true);
  EXPECT_TRUE(clamps());
  EXPECT_TRUE(Passes(Routed("eth1", "eth0")));
}

}  // namespace
}  // namespace firebreak::policy
