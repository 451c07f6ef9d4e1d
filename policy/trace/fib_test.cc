// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/fib.h"

// glibc's headers come before the kernel's, which then leave out what both define.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

#include <string>
#include <utility>

#include "policy/trace/test_packets.h"
#include "policy/trace/test_router.h"

namespace firebreak::policy {
namespace {

using ruleset::Bytes;
using ruleset::Fib;

constexpr uint32_t kSource = NFTA_FIB_F_SADDR, kDestination = NFTA_FIB_F_DADDR,
                   kIn = NFTA_FIB_F_IIF, kOut = NFTA_FIB_F_OIF;

Packet Udp(const char* from, const char* to) {
  return Incoming(From(from, to, IPPROTO_UDP), datagram::Udp(1000, 2000, ""));
}

uint32_t Number(const std::optional<Bytes>& answer) {
  uint32_t number = ~0u;
  EXPECT_TRUE(answer.has_value());
  if (answer.has_value() && answer->size() == sizeof number) {
    memcpy(&number, answer->data(), sizeof number);
  }
  return number;
}
uint32_t Type(const HostState& host, const Packet& packet, uint32_t flags) {
  return Number(AskFib({.flags = flags, .result = NFT_FIB_RESULT_ADDRTYPE}, packet, host));
}
uint32_t Way(const HostState& host, const Packet& packet, uint32_t flags) {
  return Number(AskFib({.flags = flags, .result = NFT_FIB_RESULT_OIF}, packet, host));
}

// The answers are what rules on Linux 6.18 said about packets that came in at eth0 of such a host.
TEST(AskFib, SaysOfSourcesWhatTheKernelSays) {
  TestRouter plain, routed;
  routed.AddDefaultRoutes();
  constexpr uint32_t kNone = 0;
  struct Answers {
    uint32_t type, type_here;  // answers of "fib saddr type" and "fib saddr . iif type"
    uint32_t way, way_here;    // answers of "fib saddr oif" and "fib saddr . iif oif"
  };
  const struct {
    const char* source;
    Answers plain, routed;  // without and with default routes
  } cases[] = {
      {"10.0.0.5",
       {RTN_UNICAST, RTN_UNICAST, kEth0, kEth0},
       {RTN_UNICAST, RTN_UNICAST, kEth0, kEth0}},
      {"10.9.0.5",
       {RTN_UNICAST, RTN_UNICAST, kEth1, kNone},
       {RTN_UNICAST, RTN_UNICAST, kEth1, kNone}},
      {"172.17.0.1",  // unreachable
       {RTN_UNICAST, RTN_UNICAST, kNone, kNone},
       {RTN_UNICAST, RTN_UNICAST, kNone, kNone}},
      {"203.0.113.9",
       {RTN_UNICAST, RTN_UNICAST, kNone, kNone},
       {RTN_UNICAST, RTN_UNICAST, kEth0, kEth0}},
      {"0.1.2.3",
       {RTN_UNICAST, RTN_UNICAST, kNone, kNone},
       {RTN_UNICAST, RTN_UNICAST, kEth0, kEth0}},
      {"10.0.0.1", {RTN_LOCAL, RTN_LOCAL, kNone, kNone}, {RTN_LOCAL, RTN_LOCAL, kNone, kNone}},
      {"10.9.0.1", {RTN_LOCAL, RTN_UNICAST, kNone, kNone}, {RTN_LOCAL, RTN_UNICAST, kNone, kNone}},
      {"127.0.0.1", {RTN_LOCAL, RTN_UNICAST, kNone, kNone}, {RTN_LOCAL, RTN_UNICAST, kNone, kNone}},
      {"10.0.0.255",
       {RTN_BROADCAST, RTN_BROADCAST, kEth0, kEth0},
       {RTN_BROADCAST, RTN_BROADCAST, kEth0, kEth0}},
      {"10.9.0.255",
       {RTN_BROADCAST, RTN_UNICAST, kEth1, kNone},
       {RTN_BROADCAST, RTN_UNICAST, kEth1, kNone}},
      {"255.255.255.255",
       {RTN_BROADCAST, RTN_BROADCAST, kNone, kNone},
       {RTN_BROADCAST, RTN_BROADCAST, kEth0, kEth0}},
      {"0.0.0.0",
       {RTN_BROADCAST, RTN_BROADCAST, kNone, kNone},
       {RTN_BROADCAST, RTN_BROADCAST, kEth0, kEth0}},
      {"224.0.0.9",
       {RTN_MULTICAST, RTN_MULTICAST, kNone, kNone},
       {RTN_MULTICAST, RTN_MULTICAST, kEth0, kEth0}},
      {"fd00::5",
       {RTN_UNICAST, RTN_UNICAST, kEth0, kEth0},
       {RTN_UNICAST, RTN_UNICAST, kEth0, kEth0}},
      {"fd09::5",
       {RTN_UNICAST, RTN_UNICAST, kEth1, kNone},
       {RTN_UNICAST, RTN_UNICAST, kEth1, kNone}},
      {"fd17::5",  // unreachable
       {RTN_UNREACHABLE, RTN_UNREACHABLE, kNone, kNone},
       {RTN_UNREACHABLE, RTN_UNREACHABLE, kNone, kNone}},
      {"2001:db8::9",
       {RTN_UNREACHABLE, RTN_UNREACHABLE, kNone, kNone},
       {RTN_UNICAST, RTN_UNICAST, kEth0, kEth0}},
      {"fd00::1", {RTN_LOCAL, RTN_LOCAL, kNone, kNone}, {RTN_LOCAL, RTN_LOCAL, kNone, kNone}},
      {"fd09::1", {RTN_LOCAL, RTN_UNICAST, kNone, kNone}, {RTN_LOCAL, RTN_UNICAST, kNone, kNone}},
      {"::",
       {RTN_UNREACHABLE, RTN_UNREACHABLE, kNone, kNone},
       {RTN_UNSPEC, RTN_UNSPEC, kEth0, kEth0}},
  };
  for (const auto& c : cases) {
    const Packet packet = Udp(c.source, Address(c.source).size() == 4 ? "10.0.0.1" : "fd00::1");
    for (const auto& [host, answers] :
         {std::pair(&plain.host(), &c.plain), std::pair(&routed.host(), &c.routed)}) {
      SCOPED_TRACE(std::string(c.source) + (host == &plain.host() ? "" : ", default routes"));
      EXPECT_EQ(Type(*host, packet, kSource), answers->type);
      EXPECT_EQ(Type(*host, packet, kSource | kIn), answers->type_here);
      EXPECT_EQ(Way(*host, packet, kSource), answers->way);
      EXPECT_EQ(Way(*host, packet, kSource | kIn), answers->way_here);
    }
  }
}

TEST(AskFib, SaysWhatDestinationsAre) {
  const TestRouter router;
  const struct {
    const char* destination;
    uint32_t type, type_here;
  } cases[] = {
      {"10.0.0.1", RTN_LOCAL, RTN_LOCAL},
      {"10.9.0.1", RTN_LOCAL, RTN_UNICAST},
      {"10.0.0.255", RTN_BROADCAST, RTN_BROADCAST},
      {"239.1.1.1", RTN_MULTICAST, RTN_MULTICAST},
      {"255.255.255.255", RTN_BROADCAST, RTN_BROADCAST},
      {"fd00::1", RTN_LOCAL, RTN_LOCAL},
      {"fd09::1", RTN_LOCAL, RTN_UNICAST},
      {"fd00::", RTN_ANYCAST, RTN_ANYCAST},
      {"ff02::1", RTN_MULTICAST, RTN_MULTICAST},
      {"ff05::2", RTN_MULTICAST, RTN_MULTICAST},
      {"fe80::1", RTN_LOCAL, RTN_LOCAL},
      {"fe80::9", RTN_UNICAST, RTN_UNICAST},
  };
  for (const auto& c : cases) {
    const Packet packet =
        Udp(Address(c.destination).size() == 4 ? "10.0.0.5" : "fd00::5", c.destination);
    EXPECT_EQ(Type(router.host(), packet, kDestination), c.type) << c.destination;
    EXPECT_EQ(Type(router.host(), packet, kDestination | kIn), c.type_here) << c.destination;
  }
}

// Packets that are sent without an address are not looked up: DHCP, detection of duplicate
// addresses.
TEST(AskFib, LetsThoseAskWhoHaveNoAddressYet) {
  const TestRouter router;
  const Bytes icmp = datagram::Icmp(135, 0, 0, Bytes(16, '\0'));
  const Bytes igmp("\x16\0\0\0\xef\1\1\1", 8);
  const struct {
    const char* from;
    const char* to;
    uint8_t protocol;
    Bytes transport;
    uint32_t way;
  } cases[] = {
      {"0.0.0.0", "255.255.255.255", IPPROTO_UDP, datagram::Udp(68, 67, ""), kEth0},
      {"0.0.0.0", "224.0.0.9", IPPROTO_UDP, datagram::Udp(68, 67, ""), kEth0},
      {"0.0.0.0", "239.1.1.1", IPPROTO_IGMP, igmp, 0},  // the group is not local to the link
      {"0.0.0.0", "10.0.0.1", IPPROTO_UDP, datagram::Udp(68, 67, ""), 0},
      {"::", "ff02::1", IPPROTO_ICMPV6, icmp, kEth0},
      {"::", "fe80::1", IPPROTO_ICMPV6, icmp, kEth0},
      {"::", "ff05::1", IPPROTO_ICMPV6, icmp, 0},
      {"::", "fd00::1", IPPROTO_ICMPV6, icmp, 0},
      {"::", "ff02::1", IPPROTO_UDP, datagram::Udp(546, 547, ""), 0},
  };
  for (const auto& c : cases) {
    const Packet packet = Incoming(From(c.from, c.to, c.protocol), c.transport);
    EXPECT_EQ(Way(router.host(), packet, kSource | kIn), c.way) << c.from << " " << c.to;
    EXPECT_EQ(Way(router.host(), packet, kSource), c.way) << c.from << " " << c.to;
  }
}

// A link-local address exists on each link; the link by which the packet came counts.
TEST(AskFib, LooksForAddressesOfTheLinkOnThatLink) {
  const TestRouter router;
  Packet packet = Udp("fe80::7", "fd00::1");
  EXPECT_EQ(Way(router.host(), packet, kSource | kIn), kEth0);
  packet.in = router.eth1();
  EXPECT_EQ(Way(router.host(), packet, kSource | kIn), kEth1);
}

// Source: nft_fib_can_skip. A packet that a host sends to itself has the host's own addresses.
TEST(AskFib, TakesLoopbackForTheWayBack) {
  const TestRouter router;
  for (const auto& [from, to] : {std::pair("127.0.0.1", "127.0.0.1"),
                                 {"10.0.0.1", "10.0.0.1"},
                                 {"::1", "::1"},
                                 {"fd00::1", "fd00::1"}}) {
    Packet packet = Udp(from, to);
    packet.in = router.lo();
    EXPECT_EQ(Way(router.host(), packet, kSource | kIn), kLo) << from;
    EXPECT_EQ(Type(router.host(), packet, kSource), uint32_t{RTN_LOCAL}) << from;
  }
}

TEST(AskFib, AsksAboutTheDeviceThatItLeavesBy) {
  const TestRouter router;
  Packet packet = Udp("10.0.0.1", "10.9.0.5");
  packet.in.reset();
  packet.out = Eth0();
  EXPECT_EQ(Way(router.host(), packet, kDestination | kOut), 0u);
  packet.out = router.eth1();
  EXPECT_EQ(Way(router.host(), packet, kDestination | kOut), kEth1);
  EXPECT_EQ(Type(router.host(), packet, kSource | kOut), uint32_t{RTN_UNICAST});
  EXPECT_EQ(Type(router.host(), packet, kSource), uint32_t{RTN_LOCAL});
}

TEST(AskFib, AnswersInEachForm) {
  const TestRouter router;
  const Packet here = Udp("10.0.0.5", "10.0.0.1"), elsewhere = Udp("10.9.0.5", "10.0.0.1");
  const auto name = [&](const Packet& packet) {
    return AskFib({.flags = kSource | kIn, .result = NFT_FIB_RESULT_OIFNAME}, packet,
                  router.host());
  };
  EXPECT_EQ(name(here), "eth0" + Bytes(12, '\0'));
  EXPECT_EQ(name(elsewhere), Bytes(16, '\0'));
  constexpr uint32_t kPresent = kSource | kIn | NFTA_FIB_F_PRESENT;
  EXPECT_EQ(Way(router.host(), here, kPresent), 1u);
  EXPECT_EQ(Way(router.host(), elsewhere, kPresent), 0u);
  EXPECT_EQ(AskFib({.flags = kSource, .result = NFT_FIB_RESULT_UNSPEC}, here, router.host()),
            std::nullopt);
}

TEST(AskFib, EndsTheRuleWithoutAWholeHeader) {
  const TestRouter router;
  for (const char* source : {"10.0.0.5", "fd00::5"}) {
    const bool ipv4 = Address(source).size() == 4;
    Packet packet = Udp(source, ipv4 ? "10.0.0.1" : "fd00::1");
    packet.network.resize(ipv4 ? 19 : 39);
    EXPECT_EQ(AskFib({.flags = kSource, .result = NFT_FIB_RESULT_ADDRTYPE}, packet, router.host()),
              std::nullopt);
    packet.family = 0;
    EXPECT_EQ(AskFib({.flags = kSource, .result = NFT_FIB_RESULT_ADDRTYPE}, packet, router.host()),
              std::nullopt);
  }
}

}  // namespace
}  // namespace firebreak::policy
