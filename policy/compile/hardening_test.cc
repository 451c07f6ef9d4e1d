// SPDX-License-Identifier: Apache-2.0

// glibc's header comes before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/netfilter.h>

#include "policy/compile/compile.h"
#include "policy/compile/kernel_settings.h"
#include "policy/ruleset/print.h"
#include "policy/trace/evaluate.h"
#include "policy/trace/test_packets.h"

namespace firebreak::policy {
namespace {

class HardeningRules : public testing::Test {
 protected:
  HardeningRules() {
    policy_.set_managed(true);
    policy_.add_locations()->set_name("elsewhere");
  }

  void Set(const char* name, int64_t value) {
    v1::Hardened& hardened = *policy_.mutable_locations(0)->mutable_host()->mutable_hardening();
    v1::HardenedSetting& setting = *hardened.add_settings();
    setting.set_name(name);
    setting.set_value(value);
    setting.set_policy("web");
  }

  bool Passes(const char* chain, const Packet& packet) const {
    const ruleset::Ruleset rules = Compile(policy_, {}).value();
    return Evaluate(*rules.inet, chain, packet, HostState()).accepted;
  }

  v1::EffectivePolicy policy_;
};

// Returns an IPv4 packet with these options, whose length must be a multiple of four bytes.
Packet WithOptions(const ruleset::Bytes& options) {
  ruleset::Bytes bytes = Datagram(From("192.0.2.1", "192.0.2.2", IPPROTO_UDP),
                                  ruleset::Bytes("\x10\x00\x10\x01\x00\x09\x00\x00x", 9));
  bytes.insert(20, options);
  bytes[0] = static_cast<char>(0x40 | (5 + options.size() / 4));
  bytes[3] = static_cast<char>(bytes.size());
  Packet packet = ParsePacket(bytes);
  packet.in = Eth0();
  return packet;
}

TEST_F(HardeningRules, SourceRoutesAreDroppedWhereverTheyAreWritten) {
  const ruleset::Bytes route("\x83\x07\x04\xc0\x00\x02\x09\x00", 8);
  const ruleset::Bytes filled("\x01\x01\x89\x07\x08\xc0\x00\x02\x09\x00\x00\x00", 12);
  const ruleset::Bytes stamp("\x44\x08\x05\x00\x00\x00\x00\x00", 8);
  EXPECT_TRUE(Passes("prerouting", WithOptions(route)));
  Set("disable_ip_source_routing", 1);
  EXPECT_TRUE(Passes("prerouting", WithOptions(route))) << "the kernel refuses it later";
  policy_.mutable_locations(0)->mutable_host()->clear_hardening();
  Set("disable_ip_source_routing", 2);
  EXPECT_FALSE(Passes("prerouting", WithOptions(route)));
  EXPECT_FALSE(Passes("prerouting", WithOptions(filled)));
  EXPECT_TRUE(Passes("prerouting", WithOptions(stamp)));
  EXPECT_TRUE(Passes("prerouting", WithOptions("")));
}

TEST_F(HardeningRules, RoutingHeadersAreDroppedBehindOthersToo) {
  Set("disable_ip_source_routing", 2);
  const ruleset::Bytes udp("\x10\x00\x10\x01\x00\x09\x00\x00x", 9);
  // Hop-by-hop options, then an empty routing header, then UDP.
  const ruleset::Bytes hops("\x2b\x00\x01\x04\x00\x00\x00\x00", 8);
  const ruleset::Bytes routing("\x11\x00\x04\x00\x00\x00\x00\x00", 8);
  const ruleset::Bytes options("\x11\x00\x01\x04\x00\x00\x00\x00", 8);
  const auto packet = [](uint8_t protocol, const ruleset::Bytes& rest) {
    Packet made =
        ParsePacket(datagram::MakeDatagram(From("2001:db8::1", "2001:db8::2", protocol), rest));
    made.in = Eth0();
    return made;
  };
  EXPECT_FALSE(Passes("prerouting", packet(IPPROTO_ROUTING, routing + udp)));
  EXPECT_FALSE(Passes("prerouting", packet(IPPROTO_HOPOPTS, hops + routing + udp)));
  EXPECT_TRUE(Passes("prerouting", packet(IPPROTO_HOPOPTS, options + udp)));
  EXPECT_TRUE(Passes("prerouting", packet(IPPROTO_UDP, udp)));
  EXPECT_TRUE(Passes("prerouting", packet(IPPROTO_ROUTING, routing.substr(0, 3)))) << "cut off";
}

TEST_F(HardeningRules, MasksAreNeitherAskedNorTold) {
  const auto icmp = [](uint8_t type) {
    return Incoming(From("192.0.2.1", "192.0.2.2", IPPROTO_ICMP),
                    ruleset::Bytes(1, static_cast<char>(type)) + ruleset::Bytes(11, '\0'));
  };
  EXPECT_TRUE(Passes("prerouting", icmp(17)));
  Set("enable_addr_mask_reply", 0);
  EXPECT_FALSE(Passes("prerouting", icmp(17)));
  EXPECT_TRUE(Passes("prerouting", icmp(8)));
}

TEST_F(HardeningRules, NamesAreNotReleasedOnDemand) {
  const auto name_service = [](char flags, uint16_t port) {
    const ruleset::Bytes ports = {'\0', '\x89', static_cast<char>(port >> 8),
                                  static_cast<char>(port & 0xff)};
    return Incoming(
        From("192.0.2.1", "192.0.2.2", IPPROTO_UDP),
        ports + ruleset::Bytes("\x00\x14\x00\x00\x00\x07", 6) + flags + ruleset::Bytes(9, '\0'));
  };
  Set("no_name_release_on_demand", 1);
  EXPECT_FALSE(Passes("prerouting", name_service('\x30', 137)));
  EXPECT_FALSE(Passes("prerouting", name_service('\xb4', 137))) << "an answer, with other bits";
  EXPECT_TRUE(Passes("prerouting", name_service('\x28', 137))) << "a registration";
  EXPECT_TRUE(Passes("prerouting", name_service('\x30', 138)));
}

TEST_F(HardeningRules, MulticastIsNotForwarded) {
  EXPECT_FALSE(Compile(policy_, {})->inet->chains.contains("hardened-forward"));
  Set("enable_multicast_forwarding", 0);
  const auto to = [](const char* source, const char* group) {
    return Incoming(From(source, group, IPPROTO_UDP),
                    ruleset::Bytes("\x10\x00\x10\x01\x00\x09\x00\x00x", 9));
  };
  EXPECT_FALSE(Passes("hardened-forward", to("192.0.2.1", "239.1.2.3")));
  EXPECT_FALSE(Passes("hardened-forward", to("2001:db8::1", "ff05::1")));
  EXPECT_TRUE(Passes("hardened-forward", to("192.0.2.1", "198.51.100.1")));
}

// During a flood of SYNs the kernel answers IPv4 SYNs for every mapping.
TEST_F(HardeningRules, AnAttackPutsTheSynProxyInFrontOfMappings) {
  v1::Settings& settings = *policy_.mutable_locations(0)->add_layers()->mutable_settings();
  v1::Mapping& mapping = *settings.mutable_inbound()->add_items();
  mapping.set_name("web");
  mapping.set_policy("web");
  mapping.set_action(v1::Traffic::allow);
  v1::PortRange& range = *mapping.add_ports();
  range.set_protocol(IPPROTO_TCP);
  range.set_first(80);
  range.set_last(80);
  EXPECT_FALSE(Compile(policy_, {})->inet->chains.contains("handshake"));
  const ruleset::Ruleset attacked = Compile(policy_, {}, {.attacked = true}).value();
  EXPECT_TRUE(attacked.inet->chains.contains("handshake"));
  EXPECT_THAT(ruleset::Print(attacked, false), testing::HasSubstr("synproxy mss 1460\n"))
      << "no options, which services lose that answer with cookies";
  EXPECT_EQ(KernelSettingsFor(attacked).at(kSynCookies), "1");
}

}  // namespace
}  // namespace firebreak::policy
