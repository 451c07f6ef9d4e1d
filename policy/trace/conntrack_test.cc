// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/conntrack.h"

// glibc's headers come before the kernel's, which then leave out what both define.
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>

#include <string>
#include <utility>
#include <vector>

#include "policy/trace/test_packets.h"

namespace firebreak::policy {
namespace {

using datagram::Gre;
using datagram::Header;
using datagram::Icmp;
using datagram::Number16;
using datagram::Sctp;
using datagram::Tcp;
using datagram::Udp;
using ruleset::Bytes;

constexpr uint32_t kNew = NF_CT_STATE_BIT(IP_CT_NEW);
constexpr uint32_t kEstablished = NF_CT_STATE_BIT(IP_CT_ESTABLISHED);
constexpr uint32_t kRelated = NF_CT_STATE_BIT(IP_CT_RELATED);
constexpr uint32_t kInvalid = NF_CT_STATE_INVALID_BIT;
constexpr uint32_t kUntracked = NF_CT_STATE_UNTRACKED_BIT;

constexpr char kRemote[] = "192.0.2.1", kLocal[] = "192.0.2.2";
constexpr char kRemote6[] = "2001:db8::1", kLocal6[] = "2001:db8::2";

class ConntrackTest : public testing::Test {
 protected:
  ConntrackTest() {
    host_.flow = [this](const Tuple& tuple) -> std::optional<Flow> {
      for (const Flow& flow : flows_) {
        if (flow.original == tuple || flow.reply == tuple) return flow;
      }
      return std::nullopt;
    };
  }

  // Adds a flow that begins with the packet and has been answered.
  Flow& Know(const Packet& first) {
    const std::optional<Tuple> tuple = TupleOf(first);
    EXPECT_TRUE(tuple.has_value());
    flows_.push_back({.original = *tuple, .reply = *Inverse(*tuple), .status = IPS_SEEN_REPLY});
    return flows_.back();
  }
  uint32_t State(const Packet& packet) const {
    return Track(packet, host_, /*incoming=*/true).state;
  }

  std::vector<Flow> flows_;
  HostState host_;
};

Packet In(uint8_t protocol, const Bytes& transport, const char* from = kRemote,
          const char* to = kLocal) {
  return Incoming(From(from, to, protocol), transport);
}
Packet In6(uint8_t protocol, const Bytes& transport) {
  return In(protocol, transport, kRemote6, kLocal6);
}

TEST_F(ConntrackTest, TellsWhatMayBeginAFlow) {
  const Bytes payload(24, '\0');
  const struct {
    const char* name;
    Packet packet;
    uint32_t state;
  } cases[] = {
      {"SYN", In(IPPROTO_TCP, Tcp(40000, 22, kSyn, 1, 0, "")), kNew},
      {"ACK", In(IPPROTO_TCP, Tcp(40000, 22, kAck, 1, 1, "")), kInvalid},
      {"SYN, FIN", In(IPPROTO_TCP, Tcp(40000, 22, kSyn | kFin, 1, 0, "")), kInvalid},
      {"UDP", In6(IPPROTO_UDP, Udp(40000, 53, "abc")), kNew},
      {"an unknown protocol", In(99, "abcd"), kNew},
      {"an unknown protocol, nothing behind", In6(99, ""), kNew},
      {"no protocol", In6(IPPROTO_NONE, "abcd"), kInvalid},
      {"59 in IPv4 is like any other", In(IPPROTO_NONE, "abcd"), kNew},
      {"INIT", In(IPPROTO_SCTP, Sctp(5000, 6000, 1)), kNew},
      {"ABORT", In(IPPROTO_SCTP, Sctp(5000, 6000, 6)), kInvalid},
      {"GRE", In(IPPROTO_GRE, Gre(/*pptp=*/false, 0, "")), kNew},
      {"GRE of PPTP", In(IPPROTO_GRE, Gre(/*pptp=*/true, 7, "")), kNew},
      {"echo request", In(IPPROTO_ICMP, Icmp(8, 0, 1, payload)), kNew},
      {"timestamp request", In(IPPROTO_ICMP, Icmp(13, 0, 1, payload)), kNew},
      {"echo reply", In(IPPROTO_ICMP, Icmp(0, 0, 1, payload)), kInvalid},
      {"router advertisement of ICMP", In(IPPROTO_ICMP, Icmp(9, 0, 1, payload)), kInvalid},
      {"the last known type", In(IPPROTO_ICMP, Icmp(18, 0, 1, payload)), kInvalid},
      {"an unknown type", In(IPPROTO_ICMP, Icmp(40, 0, 1, payload)), kInvalid},
      {"echo request of ICMPv6", In6(IPPROTO_ICMPV6, Icmp(128, 0, 1, payload)), kNew},
      {"node query", In6(IPPROTO_ICMPV6, Icmp(139, 0, 1, payload)), kNew},
      {"echo reply of ICMPv6", In6(IPPROTO_ICMPV6, Icmp(129, 0, 1, payload)), kInvalid},
      {"an unknown type of ICMPv6", In6(IPPROTO_ICMPV6, Icmp(200, 0, 1, payload)), kInvalid},
      {"ICMPv6 in IPv4", In(IPPROTO_ICMPV6, Icmp(128, 0, 1, payload)), kInvalid},
      {"ICMP in IPv6", In6(IPPROTO_ICMP, Icmp(8, 0, 1, payload)), kInvalid},
  };
  for (const auto& c : cases) {
    const Tracking tracking = Track(c.packet, host_, /*incoming=*/true);
    EXPECT_EQ(tracking.state, c.state) << c.name;
    EXPECT_EQ(tracking.fresh, c.state == kNew) << c.name;
    EXPECT_EQ(tracking.why.empty(), c.state == kNew) << c.name;
    ASSERT_EQ(tracking.flow.has_value(), c.state == kNew) << c.name;
    if (!tracking.flow.has_value()) continue;
    EXPECT_EQ(tracking.flow->original, TupleOf(c.packet)) << c.name;
    EXPECT_EQ(tracking.flow->reply, Inverse(tracking.flow->original)) << c.name;
    EXPECT_EQ(tracking.direction, IP_CT_DIR_ORIGINAL) << c.name;
  }
}

// The messages that IPv6 cannot work without have no flows (noct_valid_new). A redirect is not one
// of these messages.
TEST_F(ConntrackTest, LeavesTheUpkeepOfTheLinkUntracked) {
  for (int type = 128; type < 256; ++type) {
    const bool untracked = (type >= 130 && type <= 136) || type == 143;
    EXPECT_EQ(State(In6(IPPROTO_ICMPV6, Icmp(static_cast<uint8_t>(type), 0, 1, Bytes(24, '\0')))) ==
                  kUntracked,
              untracked)
        << type;
  }
}

TEST_F(ConntrackTest, BeginsNoFlowWithWhatIsCutShort) {
  const Bytes tcp = Tcp(40000, 22, kSyn, 1, 0, ""), udp = Udp(40000, 53, "abc");
  const auto with = [](Bytes bytes, size_t at, const Bytes& other) {
    return bytes.replace(at, other.size(), other);
  };
  const struct {
    const char* name;
    Packet packet;
    uint32_t state;
  } cases[] = {
      {"TCP of 19 bytes", In(IPPROTO_TCP, tcp.substr(0, 19)), kInvalid},
      {"of 3", In(IPPROTO_TCP, tcp.substr(0, 3)), kInvalid},
      {"of none", In(IPPROTO_TCP, ""), kInvalid},
      {"options that are not there", In(IPPROTO_TCP, with(tcp, 12, "\x60")), kInvalid},
      {"options that are", In(IPPROTO_TCP, with(tcp, 12, "\x60") + Bytes(4, '\1')), kNew},
      {"a header of four words", In(IPPROTO_TCP, with(tcp, 12, "\x40")), kInvalid},
      {"UDP of 7 bytes", In(IPPROTO_UDP, udp.substr(0, 7)), kInvalid},
      {"shorter than its header", In(IPPROTO_UDP, with(udp, 4, Number16(7))), kInvalid},
      {"as long as its header", In(IPPROTO_UDP, with(udp, 4, Number16(8))), kNew},
      {"longer than the datagram", In(IPPROTO_UDP, with(udp, 4, Number16(12))), kInvalid},
      {"ICMP of 7 bytes", In(IPPROTO_ICMP, Icmp(8, 0, 1, "").substr(0, 7)), kInvalid},
      {"ICMP of 8", In(IPPROTO_ICMP, Icmp(8, 0, 1, "")), kNew},
      {"PPTP of another protocol", In(IPPROTO_GRE, with(Gre(true, 7, ""), 2, Number16(0x0800))),
       kInvalid},
      {"PPTP cut short is GRE of no kind", In(IPPROTO_GRE, Gre(true, 7, "").substr(0, 4)), kNew},
      {"SCTP of 11 bytes", In(IPPROTO_SCTP, Sctp(5000, 6000, 1).substr(0, 11)), kInvalid},
      {"SCTP without a chunk", In(IPPROTO_SCTP, Sctp(5000, 6000, 1).substr(0, 12)), kInvalid},
      {"UDP-Lite that covers all", In(IPPROTO_UDPLITE, with(udp, 4, Number16(0))), kNew},
      {"that covers less than its header", In(IPPROTO_UDPLITE, with(udp, 4, Number16(7))),
       kInvalid},
      {"that covers more than there is", In(IPPROTO_UDPLITE, with(udp, 4, Number16(12))), kInvalid},
  };
  for (const auto& c : cases) {
    Packet packet = c.packet;
    packet.checksum_verified = true;
    EXPECT_EQ(State(packet), c.state) << c.name;
  }
}

TEST_F(ConntrackTest, RefusesWrongChecksumsOfWhatComesIn) {
  const struct {
    const char* name;
    Packet packet;
  } cases[] = {
      {"TCP", In(IPPROTO_TCP, Tcp(40000, 22, kSyn, 1, 0, "abc"))},
      {"TCP over IPv6", In6(IPPROTO_TCP, Tcp(40000, 22, kSyn, 1, 0, "abc"))},
      {"UDP", In(IPPROTO_UDP, Udp(40000, 53, "abc"))},
      {"UDP over IPv6", In6(IPPROTO_UDP, Udp(40000, 53, "abc"))},
      {"ICMP", In(IPPROTO_ICMP, Icmp(8, 0, 1, "abc"))},
      {"ICMPv6", In6(IPPROTO_ICMPV6, Icmp(128, 0, 1, "abc"))},
      {"SCTP", In(IPPROTO_SCTP, Sctp(5000, 6000, 1))},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(State(c.packet), kNew) << c.name;
    Packet damaged = c.packet;
    damaged.transport.back() ^= 0x01;
    EXPECT_EQ(State(damaged), kInvalid) << c.name;
    EXPECT_EQ(Track(damaged, host_, /*incoming=*/false).state, kNew) << c.name;
    damaged.checksum_verified = true;
    EXPECT_EQ(State(damaged), kNew) << c.name;
    damaged.checksum_verified = false;
    host_.checks_checksums = false;
    EXPECT_EQ(State(damaged), kNew) << c.name;
    host_.checks_checksums = true;
  }
  Packet without = In(IPPROTO_UDP, Udp(40000, 53, "abc"));
  without.transport.replace(6, 2, Bytes(2, '\0'));
  EXPECT_EQ(State(without), kNew) << "UDP need not have one";
  without.protocol = IPPROTO_UDPLITE;
  without.checksum_verified = true;
  EXPECT_EQ(State(without), kInvalid) << "UDP-Lite must";
}

TEST_F(ConntrackTest, FollowsNoFragments) {
  Header header = From(kRemote, kLocal, IPPROTO_UDP);
  header.fragment_offset = 8;
  EXPECT_EQ(State(Incoming(header, Udp(40000, 53, "abc"))), kInvalid);
}

TEST_F(ConntrackTest, LooksBehindAnAuthenticationHeader) {
  for (uint8_t flags : {kSyn, kAck}) {
    Header header = From(kRemote6, kLocal6, IPPROTO_TCP);
    header.options = Bytes("\x06\x04", 2) + Bytes(22, '\0');
    header.first_option = IPPROTO_AH;
    const Tracking tracking =
        Track(Incoming(header, Tcp(40000, 22, flags, 1, 0, "")), host_, /*incoming=*/true);
    EXPECT_EQ(tracking.state, flags == kSyn ? kNew : kInvalid);
    if (!tracking.flow.has_value()) continue;
    EXPECT_EQ(tracking.flow->original.protocol, IPPROTO_TCP);
    EXPECT_EQ(tracking.flow->original.destination_port, 22);
  }
}

TEST_F(ConntrackTest, KnowsFlowsByEitherDirection) {
  const Packet first = In(IPPROTO_UDP, Udp(40000, 53, ""));
  const Packet answer = In(IPPROTO_UDP, Udp(53, 40000, ""), kLocal, kRemote);
  const struct {
    const char* name;
    uint32_t status;
    uint32_t first, answer;
  } cases[] = {
      {"not answered yet", 0, kNew, kEstablished},
      {"answered", IPS_SEEN_REPLY, kEstablished, kEstablished},
      {"announced by another", IPS_EXPECTED, kRelated, kEstablished},
      {"announced and answered", IPS_EXPECTED | IPS_SEEN_REPLY, kEstablished, kEstablished},
  };
  Flow& flow = Know(first);
  for (const auto& c : cases) {
    flow.status = c.status;
    const Tracking forth = Track(first, host_, true), back = Track(answer, host_, true);
    EXPECT_EQ(forth.state, c.first) << c.name;
    EXPECT_EQ(back.state, c.answer) << c.name;
    EXPECT_EQ(forth.direction, IP_CT_DIR_ORIGINAL) << c.name;
    EXPECT_EQ(back.direction, IP_CT_DIR_REPLY) << c.name;
    EXPECT_FALSE(forth.fresh || back.fresh) << c.name;
  }
  EXPECT_EQ(State(In(IPPROTO_UDP, Udp(40001, 53, ""))), kNew) << "another port";
  EXPECT_EQ(State(In(IPPROTO_UDP, Udp(40000, 53, ""), "192.0.2.9")), kNew) << "another host";
  EXPECT_EQ(State(In(IPPROTO_TCP, Tcp(40000, 53, kSyn, 1, 0, ""))), kNew) << "another protocol";
}

// The flow is translated to another host. Its answers come from that host, and a packet from its
// original destination does not belong to it.
TEST_F(ConntrackTest, KnowsTheAnswersOfWhatIsTranslated) {
  Flow& flow = Know(In(IPPROTO_UDP, Udp(40000, 53, "")));
  flow.reply.source = Address("10.0.0.9");
  flow.reply.source_port = 5353;
  const Tracking answer =
      Track(In(IPPROTO_UDP, Udp(5353, 40000, ""), "10.0.0.9", kRemote), host_, true);
  EXPECT_EQ(answer.state, kEstablished);
  EXPECT_EQ(answer.direction, IP_CT_DIR_REPLY);
  EXPECT_EQ(State(In(IPPROTO_UDP, Udp(53, 40000, ""), kLocal, kRemote)), kNew);
  EXPECT_EQ(State(In(IPPROTO_UDP, Udp(53, 40000, ""), "10.0.0.9", kRemote)), kNew);
}

TEST_F(ConntrackTest, TellsFlowsOfIcmpByTheirIdentifier) {
  Know(In(IPPROTO_ICMP, Icmp(8, 0, 7, "abc")));
  EXPECT_EQ(State(In(IPPROTO_ICMP, Icmp(0, 0, 7, "abc"), kLocal, kRemote)), kEstablished);
  EXPECT_EQ(State(In(IPPROTO_ICMP, Icmp(0, 0, 8, "abc"), kLocal, kRemote)), kInvalid);
  EXPECT_EQ(State(In(IPPROTO_ICMP, Icmp(14, 0, 7, "abc"), kLocal, kRemote)), kInvalid);
}

TEST_F(ConntrackTest, LetsTcpTakeItsSteps) {
  Flow& flow = Know(In(IPPROTO_TCP, Tcp(40000, 22, kSyn, 1, 0, "")));
  const auto state = [&](uint8_t tcp_state, uint8_t flags, bool answer = false) {
    flow.tcp_state = tcp_state;
    return State(answer ? In(IPPROTO_TCP, Tcp(22, 40000, flags, 1, 1, ""), kLocal, kRemote)
                        : In(IPPROTO_TCP, Tcp(40000, 22, flags, 1, 1, "")));
  };
  EXPECT_EQ(state(TCP_CONNTRACK_ESTABLISHED, kAck), kEstablished);
  EXPECT_EQ(state(TCP_CONNTRACK_SYN_SENT, kAck), kInvalid);
  EXPECT_EQ(state(TCP_CONNTRACK_SYN_SENT, kSyn | kAck, /*answer=*/true), kEstablished);
  EXPECT_EQ(state(TCP_CONNTRACK_ESTABLISHED, kSyn, /*answer=*/true), kInvalid);
  EXPECT_EQ(state(TCP_CONNTRACK_ESTABLISHED, kSyn | kFin), kInvalid) << "impossible flags";
  EXPECT_EQ(state(TCP_CONNTRACK_TIME_WAIT, kSyn), kEstablished);

  flow.tcp_flags = {IP_CT_TCP_FLAG_CLOSE_INIT, 0};
  flow.tcp_state = TCP_CONNTRACK_TIME_WAIT;
  const Tracking anew =
      Track(In(IPPROTO_TCP, Tcp(22, 40000, kSyn, 1, 0, ""), kLocal, kRemote), host_, true);
  EXPECT_EQ(anew.state, kNew);
  EXPECT_TRUE(anew.fresh);
  EXPECT_EQ(anew.flow->original.source_port, 22) << "it begins at the other end now";
}

TEST_F(ConntrackTest, PicksUpConnectionsWhereItMay) {
  const Packet ack = In(IPPROTO_TCP, Tcp(40000, 22, kAck, 1, 1, ""));
  EXPECT_EQ(State(ack), kInvalid);
  host_.tcp_loose = true;
  EXPECT_EQ(State(ack), kNew);
  EXPECT_EQ(State(In(IPPROTO_TCP, Tcp(40000, 22, kRst, 1, 1, ""))), kInvalid);
}

TEST_F(ConntrackTest, RelatesWhatHelpersWaitFor) {
  host_.expected = [](const Tuple& tuple) { return tuple.destination_port == 2000; };
  const Tracking expected =
      Track(In(IPPROTO_TCP, Tcp(20, 2000, kSyn, 1, 0, "")), host_, /*incoming=*/true);
  EXPECT_EQ(expected.state, kRelated);
  EXPECT_TRUE(expected.fresh);
  EXPECT_EQ(expected.flow->status, uint32_t{IPS_EXPECTED});
  EXPECT_EQ(State(In(IPPROTO_TCP, Tcp(20, 2001, kSyn, 1, 0, ""))), kNew);
}

// Tests errors about packets that this host has sent from kLocal to kRemote, some of them
// malformed.
TEST_F(ConntrackTest, RelatesErrorsToTheirFlows) {
  const Bytes sent =
      Datagram(From(kLocal, kRemote, IPPROTO_UDP), Udp(40000, 53, "a query of some length"));
  Know(ParsePacket(sent));
  Bytes fragment = sent, unknown = sent;
  fragment.replace(6, 2, Number16(1));
  unknown.replace(22, 2, Number16(54));
  const Bytes about_error =
      Datagram(From(kLocal, kRemote, IPPROTO_ICMP), Icmp(3, 1, 0, Bytes(28, '\0')));
  const struct {
    const char* name;
    Packet packet;
    uint32_t state;
  } cases[] = {
      {"unreachable", In(IPPROTO_ICMP, Icmp(3, 1, 0, sent)), kRelated},
      {"time exceeded, by a router", In(IPPROTO_ICMP, Icmp(11, 0, 0, sent), "198.51.100.1"),
       kRelated},
      {"source quench", In(IPPROTO_ICMP, Icmp(4, 0, 0, sent)), kRelated},
      {"redirect", In(IPPROTO_ICMP, Icmp(5, 1, 0, sent)), kRelated},
      {"parameter problem", In(IPPROTO_ICMP, Icmp(12, 0, 0, sent)), kRelated},
      {"with the ports and no more", In(IPPROTO_ICMP, Icmp(3, 1, 0, sent.substr(0, 24))), kRelated},
      {"without all of the ports", In(IPPROTO_ICMP, Icmp(3, 1, 0, sent.substr(0, 23))), kInvalid},
      {"half a header", In(IPPROTO_ICMP, Icmp(3, 1, 0, sent.substr(0, 19))), kInvalid},
      {"about nothing", In(IPPROTO_ICMP, Icmp(3, 1, 0, "")), kInvalid},
      {"about a later fragment", In(IPPROTO_ICMP, Icmp(3, 1, 0, fragment)), kInvalid},
      {"about no known flow", In(IPPROTO_ICMP, Icmp(3, 1, 0, unknown)), kInvalid},
      {"about an error", In(IPPROTO_ICMP, Icmp(3, 1, 0, about_error)), kInvalid},
      {"for another host", In(IPPROTO_ICMP, Icmp(3, 1, 0, sent), kRemote, "192.0.2.9"), kInvalid},
      {"an echo request is no error", In(IPPROTO_ICMP, Icmp(8, 0, 0, sent)), kNew},
  };
  for (const auto& c : cases) EXPECT_EQ(State(c.packet), c.state) << c.name;
  const Tracking error = Track(cases[0].packet, host_, true);
  EXPECT_EQ(error.direction, IP_CT_DIR_REPLY) << "it comes against what was sent";
  EXPECT_FALSE(error.fresh);
}

// An error about a translated flow goes to the sender, at the address that it has behind NAT.
TEST_F(ConntrackTest, RelatesErrorsAboutWhatIsTranslated) {
  Flow& flow = Know(In(IPPROTO_UDP, Udp(40000, 53, ""), "10.0.0.9", kRemote));
  flow.reply.destination = Address(kLocal);
  const Bytes as_sent = Datagram(From(kLocal, kRemote, IPPROTO_UDP), Udp(40000, 53, "abc"));
  const Bytes before = Datagram(From("10.0.0.9", kRemote, IPPROTO_UDP), Udp(40000, 53, "abc"));
  EXPECT_EQ(State(In(IPPROTO_ICMP, Icmp(3, 1, 0, as_sent), kRemote, kLocal)), kRelated);
  EXPECT_EQ(State(In(IPPROTO_ICMP, Icmp(3, 1, 0, before), kRemote, kLocal)), kInvalid);
  EXPECT_EQ(State(In(IPPROTO_ICMP, Icmp(3, 1, 0, as_sent), kRemote, "10.0.0.9")), kInvalid);
}

TEST_F(ConntrackTest, RelatesErrorsOfIcmp6) {
  Header header = From(kLocal6, kRemote6, IPPROTO_UDP);
  const Bytes plain = Datagram(header, Udp(40000, 53, "abc"));
  Know(ParsePacket(plain));
  header.options = Bytes("\0\0\x01\x04\0\0\0\0", 8);
  header.first_option = IPPROTO_DSTOPTS;
  const Bytes with_options = Datagram(header, Udp(40000, 53, "abc"));
  for (uint8_t type : {1, 2, 3, 4, 100}) {
    EXPECT_EQ(State(In6(IPPROTO_ICMPV6, Icmp(type, 0, 0, plain))), kRelated) << int{type};
  }
  EXPECT_EQ(State(In6(IPPROTO_ICMPV6, Icmp(1, 0, 0, with_options))), kRelated);
  const Bytes ipv4 = Datagram(From(kLocal, kRemote, IPPROTO_UDP), Udp(40000, 53, "abc"));
  EXPECT_EQ(State(In6(IPPROTO_ICMPV6, Icmp(1, 0, 0, ipv4))), kInvalid);
}

// Source: nf_conntrack_icmpv6_redirect.
TEST_F(ConntrackTest, RelatesRedirectsFromTheLink) {
  const Bytes quoted =
      Datagram(From(kLocal6, kRemote6, IPPROTO_UDP), Udp(40000, 53, Bytes(8, 'x')));  // 56 bytes
  Know(ParsePacket(quoted));
  const Bytes addresses(32, '\x02');
  const Bytes link_address = Bytes("\x02\x01", 2) + Bytes(6, '\0');
  const Bytes redirected = Bytes("\x04\x08", 2) + Bytes(6, '\0') + quoted;
  const Bytes endless = Bytes("\x02\0", 2) + Bytes(6, '\0');
  constexpr uint8_t kRedirect = 137;
  const auto redirect = [&](const Bytes& options, uint8_t code = 0, const char* from = "fe80::1",
                            uint8_t hops = 255) {
    Header header = From(from, kLocal6, IPPROTO_ICMPV6);
    header.hops = hops;
    return State(Incoming(header, Icmp(kRedirect, code, 0, addresses + options)));
  };
  EXPECT_EQ(redirect(redirected), kRelated);
  EXPECT_EQ(redirect(link_address + redirected), kRelated) << "as routers send it";
  EXPECT_EQ(redirect(endless + redirected), kInvalid) << "an option of no length";
  EXPECT_EQ(redirect(link_address), kInvalid);
  EXPECT_EQ(redirect(""), kInvalid);
  EXPECT_EQ(redirect(redirected, 1), kInvalid) << "a code that there is not";
  EXPECT_EQ(redirect(redirected, 0, kRemote6), kInvalid) << "not from the link";
  EXPECT_EQ(redirect(redirected, 0, "fe80::1", 254), kInvalid) << "a router has passed it on";
}

TEST(TupleOf, TakesWhatTheProtocolHas) {
  const Bytes pptp = Gre(/*pptp=*/true, 0x1234, "");
  const struct {
    const char* name;
    Packet packet;
    uint16_t source, destination;
  } cases[] = {
      {"TCP", In(IPPROTO_TCP, Tcp(40000, 22, kSyn, 1, 0, "")), 40000, 22},
      {"four bytes will do", In(IPPROTO_UDP, Udp(40000, 53, "").substr(0, 4)), 40000, 53},
      {"ESP has no ports", In(IPPROTO_ESP, Udp(40000, 53, "")), 0, 0},
      {"the key of PPTP", In(IPPROTO_GRE, pptp), 0, 0x1234},
      {"GRE has none", In(IPPROTO_GRE, Gre(/*pptp=*/false, 0, "12345678")), 0, 0},
      {"the identifier of ICMP", In(IPPROTO_ICMP, Icmp(8, 0, 0x1234, "")), 0x1234, 0},
  };
  for (const auto& c : cases) {
    const std::optional<Tuple> tuple = TupleOf(c.packet);
    ASSERT_TRUE(tuple.has_value()) << c.name;
    EXPECT_EQ(tuple->source, Address(kRemote)) << c.name;
    EXPECT_EQ(tuple->destination, Address(kLocal)) << c.name;
    EXPECT_EQ(tuple->protocol, c.packet.protocol) << c.name;
    EXPECT_EQ(tuple->source_port, c.source) << c.name;
    EXPECT_EQ(tuple->destination_port, c.destination) << c.name;
  }
}

}  // namespace
}  // namespace firebreak::policy
