// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/routing.h"

// glibc's headers come before the kernel's, which then leave out what both define.
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <linux/if_packet.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <string>
#include <vector>

#include "policy/trace/test_packets.h"
#include "policy/trace/test_router.h"

namespace firebreak::policy {
namespace {

using ruleset::Bytes;
using To = Routing::To;

Packet Udp(const char* from, const char* to) {
  return Incoming(From(from, to, IPPROTO_UDP), datagram::Udp(1000, 2000, ""));
}

struct Way {
  const char* source;
  const char* destination;
  To to;
};

void ExpectWays(const HostState& host, const std::vector<Way>& ways) {
  for (const Way& way : ways) {
    const Routing routing = RouteIncoming(Udp(way.source, way.destination), host);
    EXPECT_EQ(routing.to, way.to) << way.source << " " << way.destination << " " << routing.why;
    EXPECT_EQ(routing.why.empty(), way.to != To::kNowhere) << way.source << " " << way.destination;
  }
}

// The longest prefix in the table `local` decides, in whatever order the rows stand.
TEST(LocalType, IsThatOfTheLongestPrefix) {
  HostState host;
  host.local = {
      {Address("10.0.0.0"), 8, RTN_LOCAL, 1},      {Address("10.0.0.128"), 25, RTN_LOCAL, 2},
      {Address("10.0.0.192"), 27, RTN_ANYCAST, 3}, {Address("10.0.0.255"), 32, RTN_BROADCAST, 4},
      {Address("2001:db8::"), 61, RTN_LOCAL, 5},   {Address("2001:db8::"), 128, RTN_ANYCAST, 6}};
  const struct {
    const char* address;
    uint8_t type;
    std::optional<uint32_t> interface;
  } cases[] = {
      {"10.255.255.255", RTN_LOCAL, 1},    {"10.0.0.127", RTN_LOCAL, 1},
      {"10.0.0.128", RTN_LOCAL, 2},        {"10.0.0.191", RTN_LOCAL, 2},
      {"10.0.0.192", RTN_ANYCAST, 3},      {"10.0.0.223", RTN_ANYCAST, 3},
      {"10.0.0.224", RTN_LOCAL, 2},        {"10.0.0.255", RTN_BROADCAST, 4},
      {"11.0.0.0", RTN_UNICAST, {}},       {"2001:db8::", RTN_ANYCAST, 6},
      {"2001:db8::1", RTN_LOCAL, 5},       {"2001:db8:0:7:ffff::", RTN_LOCAL, 5},
      {"2001:db8:0:8::", RTN_UNICAST, {}}, {"a00::", RTN_UNICAST, {}},
  };
  for (int order = 0; order < 2; ++order) {
    for (const auto& c : cases) {
      EXPECT_EQ(LocalType(host, Address(c.address)), c.type) << c.address;
      EXPECT_EQ(LocalInterface(host, Address(c.address)), c.interface) << c.address;
      if (!c.interface.has_value()) continue;
      EXPECT_EQ(LocalType(host, Address(c.address), *c.interface), c.type) << c.address;
      EXPECT_EQ(LocalType(host, Address(c.address), 9), RTN_UNICAST) << c.address;
    }
    std::reverse(host.local.begin(), host.local.end());
  }
}

// The expectations for IPv6 were observed on Linux 6.18, by loopback too.
TEST(RefusedOnArrival, BeforeAnyRule) {
  const struct {
    const char* name;
    Packet packet;
    bool refused, refused_looped;
  } cases[] = {
      {"plain", Udp("10.0.0.5", "10.0.0.1"), false, false},
      {"loopback of IPv4 is left to routing", Udp("127.0.0.1", "10.0.0.1"), false, false},
      {"multicast source of IPv4 too", Udp("224.0.0.1", "10.0.0.1"), false, false},
      {"plain IPv6", Udp("fd00::5", "fd00::1"), false, false},
      {"from ::1", Udp("::1", "ff02::1"), true, false},
      {"to ::1", Udp("fd00::5", "::1"), true, false},
      {"from a group", Udp("ff02::1", "fd00::1"), true, true},
      {"to a reserved scope", Udp("fd00::5", "ff00::1"), true, true},
      {"to the interface's own scope", Udp("fd00::5", "ff01::1"), true, false},
      {"the scope is half a byte", Udp("fd00::5", "ff11::1"), true, false},
      {"to the link's scope", Udp("fd00::5", "ff02::1"), false, false},
      {"from ::", Udp("::", "ff02::1"), false, false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(RefusedOnArrival(c.packet).has_value(), c.refused) << c.name;
    Packet looped = c.packet;
    looped.in = TestRouter::lo();
    EXPECT_EQ(RefusedOnArrival(looped).has_value(), c.refused_looped) << c.name;
    Packet others = c.packet;
    others.addressed_to = PACKET_OTHERHOST;
    EXPECT_TRUE(RefusedOnArrival(others).has_value()) << c.name;
    Packet cut = c.packet;
    cut.whole = false;
    EXPECT_TRUE(RefusedOnArrival(cut).has_value()) << c.name;
  }
}

TEST(RouteIncoming, TellsWhatIsForThisHost) {
  TestRouter router;
  router.host().groups = {{kEth0, Address("224.0.0.251")},
                          {kEth0, Address("239.1.1.1")},
                          {kEth0, Address("ff02::fb")},
                          {kEth1, Address("224.0.0.9")}};
  ExpectWays(router.host(), {
                                {"10.0.0.5", "10.0.0.1", To::kHost},
                                // The host's address on another link.
                                {"10.0.0.5", "10.9.0.1", To::kHost},
                                {"10.0.0.5", "10.0.0.255", To::kHost},
                                {"10.0.0.5", "255.255.255.255", To::kHost},
                                {"10.0.0.5", "224.0.0.251", To::kHost},
                                // The host listens to this group on another link.
                                {"10.0.0.5", "224.0.0.9", To::kNowhere},
                                {"10.0.0.5", "10.0.0.9", To::kNowhere},
                                {"fd00::5", "fd00::1", To::kHost},
                                {"fd00::5", "fd09::1", To::kHost},
                                {"fd00::5", "fd00::", To::kHost},  // the subnet's anycast address
                                {"fd00::5", "fe80::1", To::kHost},
                                {"fd00::5", "ff02::fb", To::kHost},
                                {"fd00::5", "ff02::fc", To::kNowhere},
                                {"fd00::5", "fd00::9", To::kNowhere},
                            });
  Packet packet = Udp("fd09::5", "fe80::1");
  packet.in = router.eth1();
  EXPECT_EQ(RouteIncoming(packet, router.host()).to, To::kNowhere) << "of another link";
  packet.in = Packet::Device{.index = 9, .name = "gone"};
  EXPECT_EQ(RouteIncoming(packet, router.host()).to, To::kNowhere);
}

// Source: ip_route_input_slow, ip_mc_validate_source. Which sources are martian depends on the
// destination.
TEST(RouteIncoming, DropsMartians) {
  TestRouter router;
  router.AddDefaultRoutes();
  router.eth0_state().forwards4 = true;
  router.host().groups = {{kEth0, Address("224.0.0.9")}, {kEth0, Address("239.1.1.1")}};
  ExpectWays(router.host(), {
                                {"224.0.0.1", "10.0.0.1", To::kNowhere},
                                {"255.255.255.255", "10.0.0.1", To::kNowhere},
                                {"127.0.0.1", "10.0.0.1", To::kNowhere},
                                {"10.0.0.5", "127.0.0.1", To::kNowhere},
                                {"10.0.0.5", "0.0.0.0", To::kNowhere},
                                {"0.0.0.0", "10.0.0.1", To::kNowhere},
                                {"0.0.0.0", "10.0.0.255", To::kNowhere},
                                {"0.0.0.0", "172.16.0.1", To::kNowhere},
                                // A DHCP client's first packet.
                                {"0.0.0.0", "255.255.255.255", To::kHost},
                                // An old DHCP client's first packet.
                                {"0.0.0.0", "0.0.0.0", To::kHost},
                                {"0.1.2.3", "10.0.0.1", To::kHost},
                                {"0.0.0.0", "224.0.0.9", To::kHost},
                                {"0.0.0.0", "239.1.1.1", To::kNowhere},
                                {"127.0.0.1", "224.0.0.9", To::kNowhere},
                                {"224.0.0.1", "224.0.0.9", To::kNowhere},
                                {"10.0.0.1", "10.0.0.1", To::kNowhere},
                                {"10.9.0.1", "10.0.0.1", To::kNowhere},
                                {"10.0.0.1", "224.0.0.9", To::kNowhere},
                                {"10.0.0.1", "172.16.0.1", To::kNowhere},
                                {"fd00::1", "fd00::1", To::kHost},  // IPv6 does not check this
                            });
  const Packet report =
      Incoming(From("0.0.0.0", "239.1.1.1", IPPROTO_IGMP), Bytes("\x16\0\0\0\xef\1\1\1", 8));
  EXPECT_EQ(RouteIncoming(report, router.host()).to, To::kHost);
}

// Source: fib_validate_source. The outcomes were observed on Linux 6.18 with these addresses and
// settings.
TEST(RouteIncoming, LooksForTheWayBack) {
  const char* const kSources[] = {"10.0.0.5",   "10.9.0.5",   "10.0.0.1",   "10.9.0.1",
                                  "10.0.0.255", "10.9.0.255", "203.0.113.9"};
  const struct {
    bool accepts_local;
    uint8_t reverse_path_filter;
    std::vector<bool> pass;  // for each source
  } cases[] = {
      {false, 0, {true, true, false, false, true, true, true}},
      {false, 1, {true, false, false, false, false, false, true}},
      {false, 2, {true, true, false, false, false, false, true}},
      {true, 0, {true, true, true, true, true, true, true}},
      {true, 1, {true, false, true, false, false, false, true}},
      {true, 2, {true, true, true, true, false, false, true}},
  };
  for (const auto& c : cases) {
    TestRouter router;
    router.AddDefaultRoutes();
    router.eth0_state().accepts_local = c.accepts_local;
    router.eth0_state().reverse_path_filter = c.reverse_path_filter;
    for (size_t i = 0; i < std::size(kSources); ++i) {
      EXPECT_EQ(RouteIncoming(Udp(kSources[i], "10.0.0.1"), router.host()).to == To::kHost,
                c.pass[i])
          << kSources[i] << " " << c.accepts_local << " " << int{c.reverse_path_filter};
    }
  }
}

// At an interface without an IPv4 address, the loose mode is as strict as the strict one, and no
// route leads back by it.
TEST(RouteIncoming, LooksForTheWayBackOfAnInterfaceWithoutAnAddress) {
  for (bool accepts_local : {false, true}) {
    for (uint8_t filter : {0, 1, 2}) {
      TestRouter router;
      router.AddDefaultRoutes();
      router.host().interfaces.push_back({.device = {.index = 4, .name = "eth2"},
                                          .addresses = {Address("fe80::4")},
                                          .accepts_local = accepts_local,
                                          .reverse_path_filter = filter});
      const auto passes = [&](const char* source) {
        Packet packet = Udp(source, "10.0.0.1");
        packet.in = Packet::Device{.index = 4, .name = "eth2"};
        return RouteIncoming(packet, router.host()).to == To::kHost;
      };
      EXPECT_EQ(passes("10.0.0.5"), filter == 0) << int{filter};
      EXPECT_EQ(passes("203.0.113.9"), filter == 0) << int{filter};
      EXPECT_EQ(passes("10.0.0.1"), filter == 0 && accepts_local) << int{filter};
    }
  }
}

TEST(RouteIncoming, ForwardsWhereARouteLeads) {
  TestRouter router;
  const auto route = [&](const char* from, const char* to) {
    return RouteIncoming(Udp(from, to), router.host());
  };
  EXPECT_EQ(route("10.0.0.5", "10.9.0.5").to, To::kNowhere) << "it forwards nothing";
  EXPECT_EQ(route("fd00::5", "fd09::5").to, To::kNowhere);
  router.eth0_state().forwards4 = true;
  EXPECT_EQ(route("fd00::5", "fd09::5").to, To::kNowhere) << "each family by itself";
  router.eth0_state().forwards6 = true;
  const struct {
    const char* name;
    const char* source;
    const char* destination;
    uint32_t out;  // 0: nowhere
  } cases[] = {
      {"another link", "10.0.0.5", "10.9.0.5", kEth1},
      {"behind it", "10.0.0.5", "172.16.0.1", kEth1},
      {"back where it came from", "10.0.0.5", "10.0.0.9", kEth0},
      {"unreachable", "10.0.0.5", "172.17.0.1", 0},
      {"no route", "10.0.0.5", "203.0.113.9", 0},
      {"another link of IPv6", "fd00::5", "fd09::5", kEth1},
      {"unreachable of IPv6", "fd00::5", "fd17::1", 0},
      {"an address of the link leaves it not", "fe80::5", "fd09::5", 0},
      {"but goes back", "fe80::5", "fd00::9", kEth0},
      {"nobody's address", "::", "fd09::5", 0},
      {"to an address of the link", "fd00::5", "fe80::9", kEth0},
  };
  for (const auto& c : cases) {
    const Routing routing = route(c.source, c.destination);
    EXPECT_EQ(routing.to, c.out == 0 ? To::kNowhere : To::kForward) << c.name;
    EXPECT_EQ(routing.out, c.out) << c.name;
  }
  router.eth0_state().reverse_path_filter = 1;
  EXPECT_EQ(route("10.9.0.7", "10.9.0.5").to, To::kNowhere) << "answers would go elsewhere";
}

TEST(RouteIncoming, ForwardsOnlyWhatWasSentToItAndHasHopsLeft) {
  TestRouter router;
  router.eth0_state().forwards4 = router.eth0_state().forwards6 = true;
  for (const auto& [from, to] : {std::pair("10.0.0.5", "10.9.0.5"), {"fd00::5", "fd09::5"}}) {
    for (uint8_t hops : {0, 1, 2, 255}) {
      datagram::Header header = From(from, to, IPPROTO_UDP);
      header.hops = hops;
      Packet packet = Incoming(header, datagram::Udp(1000, 2000, ""));
      EXPECT_EQ(RouteIncoming(packet, router.host()).to == To::kForward, hops > 1) << int{hops};
      packet.addressed_to = PACKET_BROADCAST;
      EXPECT_EQ(RouteIncoming(packet, router.host()).to, To::kNowhere);
    }
  }
}

TEST(RouteIncoming, TakesAllThatComesByLoopback) {
  const TestRouter router;
  for (const auto& [from, to] : {std::pair("10.9.0.1", "10.0.0.1"), {"::1", "::1"}}) {
    Packet packet = Udp(from, to);
    packet.in = router.lo();
    EXPECT_EQ(RouteIncoming(packet, router.host()).to, To::kHost);
  }
}

}  // namespace
}  // namespace firebreak::policy
