// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/compile.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/if_arp.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/rtnetlink.h>

#include "absl/strings/string_view.h"
#include "policy/ruleset/print.h"
#include "policy/trace/evaluate.h"

namespace firebreak::policy {
namespace {

using testing::Contains;
using testing::Key;

constexpr uint32_t kNew = NF_CT_STATE_BIT(IP_CT_NEW);
constexpr uint32_t kEstablished = NF_CT_STATE_BIT(IP_CT_ESTABLISHED);
constexpr uint32_t kRelated = NF_CT_STATE_BIT(IP_CT_RELATED);
constexpr uint8_t kSyn = 0x02, kAck = 0x10;

class CompileTest : public testing::Test {
 protected:
  CompileTest() {
    policy_.set_managed(true);
    AddLocation("elsewhere");
  }

  v1::Settings& AddLocation(const char* name) {
    v1::EffectiveLocation* location = policy_.add_locations();
    location->set_name(name);
    return *location->add_layers()->mutable_settings();
  }
  v1::Settings& Base(int location = 0) {
    return *policy_.mutable_locations(location)->mutable_layers(0)->mutable_settings();
  }
  v1::InterfaceLayer& AddSection() {
    return *policy_.mutable_locations(0)->mutable_layers(0)->add_interfaces();
  }

  // Whether the policy's rules let the packet pass, on a host with one address.
  bool Passes(const char* chain, const Packet& packet, const ruleset::Bytes& address) {
    const ruleset::Ruleset ruleset = Compile(policy_, interfaces_).value();
    HostState host;
    host.local = {{address, static_cast<uint8_t>(address.size() * 8), RTN_LOCAL, 2}};
    return Evaluate(*ruleset.inet, chain, packet, host).accepted;
  }
  // Returns a host with this address only.
  static HostState LocalHost(const char* address);
  // Returns the decision about a packet, after the decision `first` has put elements into sets.
  static Decision Remembering(ruleset::Ruleset ruleset, const Decision& before,
                              const Packet& packet, const char* chain = "input") {
    for (const Decision::Update& update : before.updates) {
      ruleset.inet->sets.at(update.set).elements = {ruleset::Element(update.key)};
    }
    HostState host;
    const ruleset::Bytes own = packet.in.has_value() ? DestinationOf(packet) : SourceOf(packet);
    host.local = {{own, static_cast<uint8_t>(own.size() * 8), RTN_LOCAL, 2}};
    return Evaluate(*ruleset.inet, chain, packet, host);
  }
  bool ComesIn(const Packet& packet) { return Passes("input", packet, DestinationOf(packet)); }
  bool GoesOut(Packet packet) {
    packet.out = std::exchange(packet.in, std::nullopt);
    return Passes("output", packet, SourceOf(packet));
  }

  v1::EffectivePolicy policy_;
  std::vector<Interface> interfaces_ = {{"eth0", "ethernet"}, {"wlan0", "wireless"}};
};

v1::Mapping& Allow(v1::Mappings& mappings, uint32_t protocol, uint32_t first, uint32_t last) {
  v1::Mapping& mapping = *mappings.add_items();
  mapping.set_action(v1::Traffic::allow);
  v1::PortRange& range = *mapping.add_ports();
  range.set_protocol(protocol);
  range.set_first(first);
  range.set_last(last);
  return mapping;
}

Packet Ip(uint8_t protocol, ruleset::Bytes transport, const char* from = "192.0.2.1",
          const char* to = "192.0.2.2") {
  Packet packet = {.protocol = protocol, .transport = std::move(transport)};
  packet.in = Packet::Device{.index = 2, .name = "eth0", .type = ARPHRD_ETHER};
  packet.state = kNew;
  char source[16], destination[16];
  if (inet_pton(AF_INET, from, source) == 1 && inet_pton(AF_INET, to, destination) == 1) {
    packet.family = NFPROTO_IPV4;
    packet.network =
        ruleset::Bytes(12, '\0') + ruleset::Bytes(source, 4) + ruleset::Bytes(destination, 4);
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, from, source), 1);
    EXPECT_EQ(inet_pton(AF_INET6, to, destination), 1);
    packet.family = NFPROTO_IPV6;
    packet.network =
        ruleset::Bytes(8, '\0') + ruleset::Bytes(source, 16) + ruleset::Bytes(destination, 16);
  }
  return packet;
}

ruleset::Bytes Ports(uint16_t source, uint16_t destination) {
  return {static_cast<char>(source >> 8), static_cast<char>(source),
          static_cast<char>(destination >> 8), static_cast<char>(destination)};
}

Packet Tcp(uint16_t port, uint8_t flags = kSyn, const char* from = "192.0.2.1",
           const char* to = "192.0.2.2") {
  ruleset::Bytes header = Ports(40000, port) + ruleset::Bytes(16, '\0');
  header[13] = static_cast<char>(flags);
  return Ip(IPPROTO_TCP, header, from, to);
}

Packet Udp(uint16_t source, uint16_t destination, const char* from = "192.0.2.1",
           const char* to = "192.0.2.2") {
  return Ip(IPPROTO_UDP, Ports(source, destination) + ruleset::Bytes(4, '\0'), from, to);
}

Packet Icmp(uint8_t type, uint8_t code = 0) {
  return Ip(IPPROTO_ICMP, {static_cast<char>(type), static_cast<char>(code), 0, 0, 0, 0, 0, 0});
}
Packet Icmp6(uint8_t type) {
  return Ip(IPPROTO_ICMPV6, {static_cast<char>(type), 0, 0, 0}, "2001:db8::1", "2001:db8::2");
}

Packet In(Packet packet, uint32_t state) {
  packet.state = state;
  return packet;
}
Packet On(Packet packet, const char* interface_name, uint32_t index = 3) {
  packet.in->name = interface_name;
  packet.in->index = index;
  return packet;
}

HostState CompileTest::LocalHost(const char* address) {
  HostState host;
  host.local = {{SourceOf(Udp(1, 1, address, address)), 32, RTN_LOCAL, 2}};
  return host;
}

TEST_F(CompileTest, AnUnmanagedHostHasNoRules) {
  EXPECT_TRUE(Compile(v1::EffectivePolicy(), interfaces_)->empty());
}

TEST_F(CompileTest, WhatIsNotAskedForIsDropped) {
  EXPECT_FALSE(ComesIn(Tcp(22)));
  EXPECT_FALSE(ComesIn(Udp(40000, 53)));
  EXPECT_FALSE(ComesIn(Icmp(8)));
  EXPECT_FALSE(ComesIn(Ip(47, std::string(4, '\0'))));
  EXPECT_TRUE(GoesOut(Tcp(22)));
  EXPECT_TRUE(GoesOut(Icmp(8)));
}

TEST_F(CompileTest, AnswersAndLoopbackPass) {
  EXPECT_TRUE(ComesIn(In(Tcp(40000, kAck), kEstablished)));
  EXPECT_TRUE(ComesIn(In(Icmp(3), kRelated)));
  Packet loopback = Tcp(22);
  loopback.in->type = ARPHRD_LOOPBACK;
  EXPECT_TRUE(ComesIn(loopback));
}

TEST_F(CompileTest, OnlyALoneSynOpensAConnection) {
  Allow(*Base().mutable_inbound(), IPPROTO_TCP, 22, 22);
  EXPECT_TRUE(ComesIn(Tcp(22)));
  for (uint8_t flags : {0x00, 0x01, 0x10, 0x12, 0x03, 0x06, 0x04, 0x29, 0x3f}) {
    EXPECT_FALSE(ComesIn(Tcp(22, flags))) << int{flags};
  }
  EXPECT_TRUE(ComesIn(Tcp(22, kSyn | 0xc0))) << "with ECN (RFC 3168)";
  EXPECT_FALSE(ComesIn(In(Tcp(22), NF_CT_STATE_INVALID_BIT)));
}

TEST_F(CompileTest, MappingsOpenJustTheirPortsProtocolsAndSources) {
  v1::Mappings& inbound = *Base().mutable_inbound();
  Allow(inbound, IPPROTO_TCP, 80, 80);
  Allow(inbound, IPPROTO_UDP, 27000, 27050);
  Allow(inbound, 47, 0, 65535);
  v1::Mapping& limited = Allow(inbound, IPPROTO_TCP, 443, 443);
  v1::Prefix& v4 = *limited.add_remote();
  v4.set_address(std::string("\x0a\0\0\0", 4));
  v4.set_length(8);
  v1::Prefix& v6 = *limited.add_remote();
  v6.set_address(std::string("\x20\x01\x0d\xb8", 4) + std::string(12, '\0'));
  v6.set_length(32);

  EXPECT_TRUE(ComesIn(Tcp(80)));
  EXPECT_TRUE(ComesIn(Tcp(80, kSyn, "2001:db8:1::1", "2001:db8::2")));
  EXPECT_FALSE(ComesIn(Tcp(81)));
  EXPECT_FALSE(ComesIn(Udp(40000, 80)));
  EXPECT_TRUE(ComesIn(Udp(40000, 27000)));
  EXPECT_TRUE(ComesIn(Udp(40000, 27050)));
  EXPECT_FALSE(ComesIn(Udp(40000, 26999)));
  EXPECT_FALSE(ComesIn(Udp(40000, 27051)));
  EXPECT_TRUE(ComesIn(Ip(47, ruleset::Bytes("\0\0\x08\0", 4))));
  EXPECT_TRUE(ComesIn(Tcp(443, kSyn, "10.255.255.255")));
  EXPECT_FALSE(ComesIn(Tcp(443, kSyn, "11.0.0.0")));
  EXPECT_TRUE(ComesIn(Tcp(443, kSyn, "2001:db8::9", "2001:db8::2")));
  EXPECT_FALSE(ComesIn(Tcp(443, kSyn, "2001:db9::9", "2001:db8::2")));
}

TEST_F(CompileTest, APacketWithoutAPayloadIsBlockedLikeAnyOther) {
  v1::Mapping& blocked = Allow(*Base().mutable_inbound(), 47, 0, 65535);
  blocked.set_action(v1::Traffic::block);
  v1::Prefix& prefix = *blocked.add_remote();
  prefix.set_address(std::string("\xc0\0\x02\0", 4));
  prefix.set_length(24);
  Allow(*Base().mutable_inbound(), 47, 0, 65535);
  EXPECT_FALSE(ComesIn(Ip(47, "")));
  EXPECT_FALSE(ComesIn(Ip(47, ruleset::Bytes("\0\0\x08\0", 4))));
  EXPECT_TRUE(ComesIn(Ip(47, "", "198.51.100.1")));
}

TEST_F(CompileTest, OffLetsAllPassAndObserveToo) {
  for (v1::Firewall::Mode mode : {v1::Firewall::off, v1::Firewall::observe}) {
    Base().set_firewall(mode);
    Base().set_outbound_default(v1::Traffic::block);
    EXPECT_TRUE(ComesIn(Tcp(22)));
    EXPECT_TRUE(ComesIn(In(Tcp(22, 0), NF_CT_STATE_INVALID_BIT)));
    EXPECT_TRUE(ComesIn(Icmp(8)));
    EXPECT_TRUE(ComesIn(In(Icmp(5), kRelated)));
    EXPECT_TRUE(GoesOut(Tcp(22)));
    EXPECT_TRUE(GoesOut(In(Icmp(3, 3), kRelated)));
  }
}

TEST_F(CompileTest, ObserveCountsWhatOnWouldDrop) {
  Base().set_firewall(v1::Firewall::observe);
  const ruleset::Ruleset ruleset = Compile(policy_, interfaces_).value();
  const Decision decision = Evaluate(*ruleset.inet, "input", Tcp(22));
  EXPECT_EQ(decision.steps.back().chain, "observe.unsolicited");
  EXPECT_THAT(ruleset.inet->objects, Contains(Key("observe.unsolicited")));
}

TEST_F(CompileTest, IcmpOptionsOpenWhatTheyName) {
  Base().mutable_icmp()->add_items("echo-request");
  EXPECT_TRUE(ComesIn(Icmp(8)));
  EXPECT_TRUE(ComesIn(Icmp6(128)));
  EXPECT_FALSE(ComesIn(Icmp(13)));
  EXPECT_FALSE(ComesIn(In(Icmp(5), kRelated))) << "redirect";
  EXPECT_TRUE(ComesIn(In(Icmp(11), kRelated)));
  EXPECT_FALSE(GoesOut(In(Icmp(3, 3), kRelated)));
  EXPECT_TRUE(GoesOut(In(Icmp(3, 4), kRelated))) << "fragmentation needed";
  Base().mutable_icmp()->add_items("redirect");
  Base().mutable_icmp()->add_items("destination-unreachable");
  EXPECT_TRUE(ComesIn(In(Icmp(5), kRelated)));
  EXPECT_TRUE(GoesOut(In(Icmp(3, 3), kRelated)));
}

TEST_F(CompileTest, WhatIpv6NeedsToLivePasses) {
  Base().set_outbound_default(v1::Traffic::block);
  for (uint8_t type : {134, 135, 136, 2, 130}) {
    EXPECT_TRUE(ComesIn(In(Icmp6(type), NF_CT_STATE_UNTRACKED_BIT))) << int{type};
  }
  for (uint8_t type : {133, 135, 136, 2, 143}) {
    EXPECT_TRUE(GoesOut(In(Icmp6(type), NF_CT_STATE_UNTRACKED_BIT))) << int{type};
  }
  EXPECT_FALSE(ComesIn(In(Icmp6(137), NF_CT_STATE_UNTRACKED_BIT))) << "redirect";
  EXPECT_FALSE(ComesIn(In(Icmp6(133), NF_CT_STATE_UNTRACKED_BIT))) << "router solicitation";
}

// Conntrack does not know these types as requests or answers, and calls them invalid.
TEST_F(CompileTest, AnOptionOpensWhatConntrackTakesForInvalid) {
  EXPECT_FALSE(ComesIn(In(Icmp(10), NF_CT_STATE_INVALID_BIT)));
  EXPECT_FALSE(ComesIn(In(Icmp6(137), NF_CT_STATE_INVALID_BIT)));
  Base().mutable_icmp()->add_items("router-solicitation");
  Base().mutable_icmp()->add_items("redirect");
  EXPECT_TRUE(ComesIn(In(Icmp(10), NF_CT_STATE_INVALID_BIT)));
  EXPECT_TRUE(ComesIn(In(Icmp6(137), NF_CT_STATE_INVALID_BIT)));
  EXPECT_FALSE(ComesIn(In(Icmp(8), NF_CT_STATE_INVALID_BIT)));
}

TEST_F(CompileTest, DhcpAnswersComeInAsFarAsTheyAreNeeded) {
  EXPECT_TRUE(ComesIn(Udp(67, 68, "192.0.2.1", "255.255.255.255")));
  EXPECT_FALSE(ComesIn(Udp(67, 68))) << "nobody has asked";
  EXPECT_FALSE(ComesIn(Udp(68, 67, "192.0.2.1", "255.255.255.255")));
  const ruleset::Ruleset asked = Compile(policy_, interfaces_).value();
  Packet question = Udp(68, 67, "192.0.2.2", "255.255.255.255");
  question.out = std::exchange(question.in, std::nullopt);
  const Decision sent = Evaluate(*asked.inet, "output", question, LocalHost("192.0.2.2"));
  EXPECT_TRUE(sent.accepted);
  EXPECT_TRUE(Remembering(asked, sent, Udp(67, 68)).accepted) << "it has asked on this interface";
  EXPECT_FALSE(Remembering(asked, sent, On(Udp(67, 68), "wlan0", 7)).accepted);
  EXPECT_TRUE(ComesIn(Udp(547, 546, "fe80::1", "fe80::2")));
  EXPECT_TRUE(ComesIn(Udp(547, 546, "2001:db8::1", "fe80::2"))) << "a server with a global address";
  EXPECT_FALSE(ComesIn(Udp(547, 546, "2001:db8::1", "2001:db8::2")));
  EXPECT_FALSE(ComesIn(Udp(67, 68, "2001:db8::1", "2001:db8::2"))) << "DHCP of the other family";
}

TEST_F(CompileTest, DhcpLeavesABlockedHostAsFarAsItIsNeeded) {
  Base().set_outbound_default(v1::Traffic::block);
  EXPECT_TRUE(GoesOut(Udp(68, 67, "192.0.2.1", "255.255.255.255")));
  EXPECT_FALSE(GoesOut(Udp(68, 67))) << "no server that has answered";
  const ruleset::Ruleset ruleset = Compile(policy_, interfaces_).value();
  const Decision answered =
      Evaluate(*ruleset.inet, "input", Udp(67, 68, "192.0.2.2", "255.255.255.255"), {});
  EXPECT_TRUE(answered.accepted);
  Packet renewal = Udp(68, 67, "192.0.2.1", "192.0.2.2");
  renewal.out = std::exchange(renewal.in, std::nullopt);
  EXPECT_TRUE(Remembering(ruleset, answered, renewal, "output").accepted);
  EXPECT_TRUE(GoesOut(Udp(546, 547, "fe80::1", "ff02::1:2")));
  EXPECT_FALSE(GoesOut(Udp(546, 547, "fe80::1", "2001:db8::2")));
}

TEST_F(CompileTest, IgmpIsOnlyOfNeighboursAndForGroups) {
  Base().set_outbound_default(v1::Traffic::block);
  const auto igmp = [](const char* to, uint8_t hops) {
    Packet packet = Ip(IPPROTO_IGMP, ruleset::Bytes(8, '\x16'), "192.0.2.1", to);
    packet.network[8] = static_cast<char>(hops);
    return packet;
  };
  EXPECT_TRUE(ComesIn(igmp("224.0.0.1", 1)));
  EXPECT_FALSE(ComesIn(igmp("224.0.0.1", 2)));
  EXPECT_FALSE(ComesIn(igmp("192.0.2.2", 1)));
  EXPECT_TRUE(GoesOut(igmp("224.0.0.22", 1)));
  EXPECT_FALSE(GoesOut(igmp("198.51.100.1", 1)));
}

TEST_F(CompileTest, LoopbackAddressesDoNotLeave) {
  for (const auto& [from, to] :
       {std::pair("127.0.0.1", "192.0.2.1"), {"127.9.9.9", "192.0.2.1"}, {"::1", "2001:db8::1"}}) {
    Packet packet = Udp(1000, 1000, from, to);
    EXPECT_FALSE(GoesOut(packet)) << from;
    packet.flow = Flow{.status = IPS_DST_NAT};
    EXPECT_TRUE(GoesOut(packet)) << "translated, it leaves with another: " << from;
  }
}

TEST_F(CompileTest, AReservedAddressIsJudgedLikeAnyOther) {
  v1::Mapping& mapping = Allow(*Base().mutable_inbound(), IPPROTO_TCP, 22, 22);
  v1::Prefix& prefix = *mapping.add_remote();
  prefix.set_address(std::string("\xf0\0\0\0", 4));
  prefix.set_length(4);
  EXPECT_TRUE(ComesIn(Tcp(22, kSyn, "240.1.2.3")));
  EXPECT_FALSE(ComesIn(Tcp(23, kSyn, "240.1.2.3")));
  EXPECT_FALSE(ComesIn(Tcp(22, kSyn, "239.1.2.3"))) << "multicast";
}

TEST_F(CompileTest, TheHostHearsItsOwnBroadcasts) {
  Allow(*Base().mutable_inbound(), IPPROTO_UDP, 9, 9);
  const ruleset::Ruleset ruleset = Compile(policy_, interfaces_).value();
  HostState host = LocalHost("192.0.2.2");
  host.local.push_back({SourceOf(Udp(9, 9, "192.0.2.255")), 32, RTN_BROADCAST, 2});
  EXPECT_TRUE(
      Evaluate(*ruleset.inet, "input", Udp(9, 9, "192.0.2.2", "192.0.2.255"), host).accepted);
  EXPECT_FALSE(
      Evaluate(*ruleset.inet, "input", Udp(9, 9, "192.0.2.2", "192.0.2.2"), host).accepted);
}

TEST_F(CompileTest, AnAnnouncedFlowReachesOnlyPortsThatAClientCouldMean) {
  v1::Helper& ftp = *Base().mutable_helpers()->add_items();
  ftp.set_name("ftp");
  ftp.mutable_ports()->set_protocol(IPPROTO_TCP);
  ftp.mutable_ports()->set_first(21);
  ftp.mutable_ports()->set_last(21);
  EXPECT_TRUE(ComesIn(In(Tcp(40000), kRelated)));
  for (uint16_t port : {22, 1023, 3306, 8080}) {
    EXPECT_FALSE(ComesIn(In(Tcp(port), kRelated))) << port;
  }
  EXPECT_FALSE(ComesIn(In(Udp(20, 53), kRelated)));
  EXPECT_TRUE(ComesIn(In(Udp(20, 16384), kRelated))) << "media";
  Allow(*Base().mutable_inbound(), IPPROTO_TCP, 22, 22);
  EXPECT_TRUE(ComesIn(In(Tcp(22), kRelated))) << "open to everybody";
  // A server whose FTP port is open announces ports of its own choice.
  Allow(*Base().mutable_inbound(), IPPROTO_TCP, 21, 21);
  EXPECT_TRUE(ComesIn(In(Tcp(8080), kRelated)));
  EXPECT_FALSE(ComesIn(In(Tcp(1023), kRelated)));
}

TEST_F(CompileTest, ResponsesComeOnlyFromWhomThePolicyLetsTheHostReach) {
  v1::Mapping& blocked = Allow(*Base().mutable_outbound(), IPPROTO_UDP, 0, 65535);
  blocked.set_action(v1::Traffic::block);
  v1::Prefix& prefix = *blocked.add_remote();
  prefix.set_address(std::string("\xc0\0\x02\x09", 4));
  prefix.set_length(32);
  v1::Mapping& trigger = Allow(*Base().mutable_outbound(), IPPROTO_UDP, 1000, 1000);
  trigger.set_policy("p");
  trigger.set_name("m");
  v1::PortRange& response = *trigger.add_responses();
  response.set_protocol(IPPROTO_UDP);
  response.set_first(5000);
  response.set_last(5000);
  const ruleset::Ruleset ruleset = Compile(policy_, interfaces_).value();
  HostState host = LocalHost("192.0.2.2");
  host.interfaces = {{.device = {.index = 2, .name = "eth0", .type = ARPHRD_ETHER}}};
  for (const auto& [remote, admitted] : {std::pair("192.0.2.1", true), {"192.0.2.9", false}}) {
    Packet packet = Udp(1000, 1000, "192.0.2.2", remote);
    packet.out = std::exchange(packet.in, std::nullopt);
    Decision all = Evaluate(*ruleset.inet, "output", packet, host);
    EXPECT_EQ(all.accepted, admitted);
    if (all.accepted) all = Evaluate(*ruleset.inet, "sent", packet, host);
    EXPECT_EQ(Remembering(ruleset, all, Udp(9, 5000, remote)).accepted, admitted) << remote;
  }
}

TEST_F(CompileTest, WhatOthersDoNotTrackStillReachesOpenPorts) {
  Allow(*Base().mutable_inbound(), IPPROTO_TCP, 53, 53);
  EXPECT_TRUE(ComesIn(In(Tcp(53, kAck), NF_CT_STATE_UNTRACKED_BIT)));
  EXPECT_FALSE(ComesIn(In(Tcp(54, kAck), NF_CT_STATE_UNTRACKED_BIT)));
  EXPECT_FALSE(ComesIn(In(Tcp(53, kAck), kNew)));
}

TEST_F(CompileTest, WhatOthersDoNotTrackIsAnsweredWhereLittleMayBeSent) {
  Allow(*Base().mutable_inbound(), IPPROTO_UDP, 53, 53);
  Allow(*Base().mutable_inbound(), IPPROTO_UDP, 60, 70);
  Allow(*Base().mutable_inbound(), IPPROTO_UDP, 65, 80);
  Base().set_outbound_default(v1::Traffic::block);
  const auto untracked = [&](uint16_t from, const char* source = "192.0.2.1") {
    return GoesOut(In(Udp(from, 40000, source, "198.51.100.1"), NF_CT_STATE_UNTRACKED_BIT));
  };
  for (const uint16_t port : {53, 60, 75, 80}) EXPECT_TRUE(untracked(port)) << port;
  for (const uint16_t port : {52, 54, 81}) EXPECT_FALSE(untracked(port)) << port;
  EXPECT_FALSE(GoesOut(Udp(53, 40000))) << "that begins a flow";
  EXPECT_FALSE(GoesOut(In(Tcp(40000, kAck), NF_CT_STATE_UNTRACKED_BIT))) << "another protocol";
}

TEST_F(CompileTest, WhereTheDeviceChecksNoSumsIpv6PassesBesideTheHandshakeProxy) {
  Allow(*Base().mutable_inbound(), IPPROTO_TCP, 80, 80).set_proxy_handshake(true);
  const auto untracked = [&](const char* from, const char* to) {
    const ruleset::Ruleset ruleset = Compile(policy_, interfaces_).value();
    return Evaluate(*ruleset.inet, "prerouting", In(Tcp(80, kSyn, from, to), 0), {}).untracked;
  };
  EXPECT_TRUE(untracked("2001:db8::1", "2001:db8::2"));
  interfaces_[0].checks_sums = false;
  EXPECT_FALSE(untracked("2001:db8::1", "2001:db8::2"));
  EXPECT_TRUE(untracked("192.0.2.1", "192.0.2.2")) << "IPv4 does not depend on the device";
}

TEST_F(CompileTest, TheProxysAcknowledgementLosesItsTimestampInFrontOfAllThatLetsItOut) {
  const auto mends = [&] {
    const ruleset::Ruleset ruleset = Compile(policy_, interfaces_).value();
    const ruleset::Rule& first = ruleset.inet->chains.at("output").rules.front();
    return std::holds_alternative<ruleset::TcpOptionStrip>(first.expressions.back());
  };
  v1::Mapping& web = Allow(*Base().mutable_inbound(), IPPROTO_TCP, 80, 80);
  EXPECT_FALSE(mends());
  web.set_proxy_handshake(true);
  EXPECT_TRUE(mends());
}

TEST_F(CompileTest, TheProxyOffersTheWindowScaleOfTheServices) {
  Allow(*Base().mutable_inbound(), IPPROTO_TCP, 80, 80).set_proxy_handshake(true);
  const ruleset::Ruleset ruleset = Compile(policy_, interfaces_, {.window_scale = 10}).value();
  EXPECT_THAT(ruleset::Print(ruleset, false),
              testing::HasSubstr("synproxy mss 1460 wscale 10 timestamp sack-perm\n"));
}

TEST_F(CompileTest, OutboundBlockLetsOutOnlyWhatIsListed) {
  Base().set_outbound_default(v1::Traffic::block);
  v1::Mapping& dns = Allow(*Base().mutable_outbound(), IPPROTO_UDP, 53, 53);
  v1::Prefix& server = *dns.add_remote();
  server.set_address(std::string("\x0a\0\0\1", 4));
  server.set_length(32);
  EXPECT_TRUE(GoesOut(Udp(40000, 53, "192.0.2.1", "10.0.0.1")));
  EXPECT_FALSE(GoesOut(Udp(40000, 53, "192.0.2.1", "10.0.0.2")));
  EXPECT_FALSE(GoesOut(Tcp(443)));
  EXPECT_TRUE(GoesOut(In(Tcp(40000, kAck), kEstablished)));
}

TEST_F(CompileTest, OutboundAllowBlocksWhatIsListed) {
  Allow(*Base().mutable_outbound(), IPPROTO_TCP, 25, 25).set_action(v1::Traffic::block);
  EXPECT_FALSE(GoesOut(Tcp(25)));
  EXPECT_TRUE(GoesOut(Tcp(26)));
}

TEST_F(CompileTest, ASectionReplacesWhatItSetsForItsInterfaces) {
  Allow(*Base().mutable_inbound(), IPPROTO_TCP, 22, 22);
  Base().mutable_icmp()->add_items("echo-request");
  v1::InterfaceLayer& section = AddSection();
  section.mutable_match()->add_names("wlan0");
  section.mutable_settings()->mutable_inbound();
  EXPECT_TRUE(ComesIn(On(Tcp(22), "eth0")));
  EXPECT_FALSE(ComesIn(On(Tcp(22), "wlan0")));
  EXPECT_TRUE(ComesIn(On(Icmp(8), "wlan0"))) << "what the section does not set stays";
  EXPECT_TRUE(ComesIn(On(Tcp(22), "eth7"))) << "an interface that the section cannot mean";
}

TEST_F(CompileTest, AnInterfaceThatATypeMightMeanIsShutUntilItIsKnown) {
  Allow(*Base().mutable_inbound(), IPPROTO_TCP, 22, 22);
  v1::InterfaceLayer& section = AddSection();
  section.mutable_match()->add_types("wireless");
  section.mutable_settings()->set_firewall(v1::Firewall::off);
  EXPECT_TRUE(ComesIn(On(Tcp(22), "eth0")));
  EXPECT_TRUE(ComesIn(On(Tcp(23), "wlan0")));
  EXPECT_FALSE(ComesIn(On(Tcp(22), "wlan1")));
  interfaces_.push_back({"wlan1", "wireless"});
  EXPECT_TRUE(ComesIn(On(Tcp(22), "wlan1")));
}

TEST_F(CompileTest, InterfacesShareTheListsTheyDoNotReplace) {
  Allow(*Base().mutable_inbound(), IPPROTO_TCP, 22, 22);
  v1::InterfaceLayer& section = AddSection();
  section.mutable_match()->add_names("wlan0");
  section.mutable_settings()->mutable_icmp()->add_items("echo-request");
  const ruleset::Ruleset ruleset = Compile(policy_, interfaces_).value();
  EXPECT_THAT(ruleset.inet->sets, Contains(Key("in/elsewhere/ports")));
  EXPECT_EQ(std::count_if(ruleset.inet->sets.begin(), ruleset.inet->sets.end(),
                          [](const auto& named) { return named.first.ends_with("/ports"); }),
            1)
      << "one map of ports for both interfaces";
  EXPECT_TRUE(ComesIn(On(Tcp(22), "wlan0")));
  EXPECT_TRUE(ComesIn(On(Icmp(8), "wlan0")));
  EXPECT_FALSE(ComesIn(On(Icmp(8), "eth0")));
}

TEST_F(CompileTest, AListIsNotSharedWhereItSaysSomethingElse) {
  Allow(*Base().mutable_outbound(), IPPROTO_TCP, 25, 25).set_action(v1::Traffic::block);
  Allow(*Base().mutable_outbound(), IPPROTO_TCP, 443, 443);
  v1::Mapping& limited = Allow(*Base().mutable_inbound(), IPPROTO_TCP, 22, 22);
  limited.set_action(v1::Traffic::block);
  v1::Prefix& prefix = *limited.add_remote();
  prefix.set_address(std::string("\xc0\0\x02\0", 4));
  prefix.set_length(24);
  Allow(*Base().mutable_inbound(), IPPROTO_TCP, 22, 22);
  v1::InterfaceLayer& wireless = AddSection();
  wireless.mutable_match()->add_names("wlan0");
  v1::Settings& section = *wireless.mutable_settings();

  Base().set_outbound_default(v1::Traffic::block);
  section.set_outbound_default(v1::Traffic::allow);
  EXPECT_FALSE(GoesOut(On(Tcp(25), "wlan0")));
  EXPECT_TRUE(GoesOut(On(Tcp(80), "wlan0")));
  EXPECT_TRUE(GoesOut(On(Tcp(443), "eth0")));
  EXPECT_FALSE(GoesOut(On(Tcp(80), "eth0")));

  Base().set_firewall(v1::Firewall::observe);
  section.set_firewall(v1::Firewall::on);
  EXPECT_TRUE(ComesIn(On(Tcp(22), "eth0")));
  EXPECT_FALSE(ComesIn(On(Tcp(22), "wlan0")));
}

TEST_F(CompileTest, AnUnseenInterfaceIsNoWayAroundASectionOrABlock) {
  Allow(*Base().mutable_inbound(), IPPROTO_TCP, 22, 22);
  Base().set_outbound_default(v1::Traffic::block);
  v1::InterfaceLayer& wireless = AddSection();
  wireless.mutable_match()->add_types("wireless");
  wireless.mutable_settings()->mutable_inbound();
  v1::InterfaceLayer& named = AddSection();
  named.mutable_match()->add_names("wlan1");
  Allow(*named.mutable_settings()->mutable_inbound(), IPPROTO_TCP, 80, 80);
  EXPECT_FALSE(ComesIn(On(Tcp(80), "wlan1"))) << "it may turn out to be wireless";
  EXPECT_FALSE(GoesOut(On(Tcp(80), "wlan1")));
  interfaces_.push_back({"wlan1", "ethernet"});
  EXPECT_TRUE(ComesIn(On(Tcp(80), "wlan1")));
}

TEST_F(CompileTest, ASectionWhoseMappingsLetResponsesInHasAListOfItsOwn) {
  v1::Mappings& inbound = *Base().mutable_inbound();
  Allow(inbound, IPPROTO_UDP, 2000, 2000).set_action(v1::Traffic::block);
  Allow(inbound, IPPROTO_UDP, 53, 53);
  v1::InterfaceLayer& wireless = AddSection();
  wireless.mutable_match()->add_names("wlan0");
  v1::Mapping& search =
      Allow(*wireless.mutable_settings()->mutable_outbound(), IPPROTO_UDP, 1900, 1900);
  search.set_name("search");
  v1::PortRange& response = *search.add_responses();
  response.set_protocol(IPPROTO_UDP);
  response.set_first(1);
  response.set_last(65535);
  ASSERT_EQ(Compile(policy_, interfaces_).status(), absl::OkStatus());
  EXPECT_TRUE(ComesIn(On(Udp(40000, 53), "wlan0")));
  EXPECT_FALSE(ComesIn(On(Udp(40000, 2000), "wlan0")));
  EXPECT_FALSE(ComesIn(On(Udp(40000, 2000), "eth0")));
}

TEST_F(CompileTest, AnInterfaceIsJudgedByTheRulesOfWhereItIs) {
  AddLocation("corp").set_firewall(v1::Firewall::off);
  ruleset::Ruleset ruleset = Compile(policy_, interfaces_).value();
  EXPECT_FALSE(Evaluate(*ruleset.inet, "input", On(Tcp(22), "eth0", 2)).accepted);
  ruleset.inet->sets.at(LocationSetName("corp")).elements = {
      ruleset::Element(ruleset::Bytes("\x02\0\0\0", 4))};
  EXPECT_TRUE(Evaluate(*ruleset.inet, "input", On(Tcp(22), "eth0", 2)).accepted);
  EXPECT_FALSE(Evaluate(*ruleset.inet, "input", On(Tcp(22), "wlan0", 3)).accepted);
}

TEST_F(CompileTest, TellsWhereAnElementComesFrom) {
  v1::Mapping& ssh = Allow(*Base().mutable_inbound(), IPPROTO_TCP, 22, 22);
  ssh.set_name("ssh");
  Origins origins;
  const ruleset::Ruleset ruleset = Compile(policy_, interfaces_, {.origins = &origins}).value();
  const ruleset::Set& ports = ruleset.inet->sets.at("in/elsewhere/ports");
  const auto origin =
      origins.find({"in/elsewhere/ports", ruleset::Bytes(ports.elements.at(0).key())});
  ASSERT_NE(origin, origins.end());
  EXPECT_EQ(origin->second->name(), "ssh");
}

}  // namespace
}  // namespace firebreak::policy
