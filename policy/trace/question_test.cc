// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/question.h"

// glibc's header comes before the kernel's, which then leave out what both define.
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>

#include <string>

#include "policy/trace/conntrack.h"
#include "policy/trace/test_packets.h"
#include "policy/trace/test_router.h"

namespace firebreak::policy {
namespace {

v1::TraceQuestion Question(uint32_t protocol, const char* source = "10.0.0.5",
                           const char* destination = "10.0.0.1") {
  v1::TraceQuestion question;
  question.set_in_interface("eth0");
  question.set_protocol(protocol);
  question.set_source(Address(source));
  question.set_destination(Address(destination));
  return question;
}

TEST(PacketOf, MakesWhatIsAskedFor) {
  const TestRouter router;
  v1::TraceQuestion question = Question(IPPROTO_TCP);
  question.set_source_port(40000);
  question.set_destination_port(65535);
  question.set_tcp_flags(kSyn | kUrg);
  const absl::StatusOr<Packet> packet = PacketOf(question, router.host());
  ASSERT_TRUE(packet.ok()) << packet.status();
  EXPECT_EQ(packet->family, NFPROTO_IPV4);
  EXPECT_EQ(packet->protocol, IPPROTO_TCP);
  EXPECT_EQ(SourceOf(*packet), Address("10.0.0.5"));
  EXPECT_EQ(DestinationOf(*packet), Address("10.0.0.1"));
  EXPECT_EQ(Read16(packet->transport, 0), 40000);
  EXPECT_EQ(Read16(packet->transport, 2), 65535);
  EXPECT_EQ(packet->transport[13], kSyn | kUrg);
  ASSERT_TRUE(packet->in.has_value());
  EXPECT_EQ(packet->in->index, kEth0);
  EXPECT_FALSE(packet->out.has_value());
  EXPECT_TRUE(packet->routed);
}

TEST(PacketOf, SendsByIpOrPastIt) {
  const TestRouter router;
  v1::TraceQuestion question = Question(IPPROTO_UDP, "fd09::1", "fd09::5");
  question.clear_in_interface();
  question.set_out_interface("eth1");
  for (bool packet_socket : {false, true}) {
    question.set_packet_socket(packet_socket);
    const absl::StatusOr<Packet> packet = PacketOf(question, router.host());
    ASSERT_TRUE(packet.ok()) << packet.status();
    EXPECT_EQ(packet->family, NFPROTO_IPV6);
    EXPECT_FALSE(packet->in.has_value());
    ASSERT_TRUE(packet->out.has_value());
    EXPECT_EQ(packet->out->index, kEth1);
    EXPECT_EQ(packet->routed, !packet_socket);
  }
}

TEST(PacketOf, MakesIcmpWithItsTypeAndCode) {
  const TestRouter router;
  v1::TraceQuestion question = Question(IPPROTO_ICMPV6, "fe80::5", "ff02::1");
  question.set_icmp_type(135);
  question.set_icmp_code(1);
  const absl::StatusOr<Packet> packet = PacketOf(question, router.host());
  ASSERT_TRUE(packet.ok()) << packet.status();
  EXPECT_EQ(packet->transport.substr(0, 2), "\x87\x01");
  EXPECT_EQ(packet->network[7], '\xff') << "neighbours are believed with all hops left only";
}

// Connection tracking must find nothing wrong with the packet of a question.
TEST(PacketOf, MakesSoundPacketsOfEveryProtocol) {
  const TestRouter router;
  for (uint32_t protocol = 1; protocol < 256; ++protocol) {
    for (const char* source : {"10.0.0.5", "fd00::5"}) {
      const bool ipv4 = Address(source).size() == 4;
      v1::TraceQuestion question = Question(protocol, source, ipv4 ? "10.0.0.1" : "fd00::1");
      question.set_source_port(1000);
      question.set_destination_port(2000);
      question.set_tcp_flags(kSyn);
      question.set_icmp_type(ipv4 ? 8 : 128);
      absl::StatusOr<Packet> packet = PacketOf(question, router.host());
      ASSERT_TRUE(packet.ok()) << packet.status();
      EXPECT_TRUE(packet->whole) << protocol;
      const bool foreign_icmp = ipv4 ? protocol == IPPROTO_ICMPV6 : protocol == IPPROTO_ICMP;
      // In IPv6 these numbers are not protocols but extension headers, or mean that nothing
      // follows.
      const bool extension = !ipv4 && (protocol == IPPROTO_ROUTING ||
                                       protocol == IPPROTO_FRAGMENT || protocol == IPPROTO_AH ||
                                       protocol == IPPROTO_DSTOPTS || protocol == IPPROTO_NONE);
      if (foreign_icmp || extension) continue;
      EXPECT_EQ(packet->protocol, protocol);
      // The kernel checks UDP-Lite's checksum wrongly.
      packet->checksum_verified = protocol == IPPROTO_UDPLITE;
      const Tracking tracking = Track(*packet, router.host(), /*incoming=*/true);
      EXPECT_EQ(tracking.state, NF_CT_STATE_BIT(IP_CT_NEW)) << protocol << " " << tracking.why;
      if (TracksPorts(static_cast<uint8_t>(protocol))) {
        EXPECT_EQ(tracking.flow->original.destination_port, 2000) << protocol;
      }
    }
  }
}

TEST(PacketOf, RefusesWhatIsNoPacket) {
  const TestRouter router;
  const struct {
    const char* name;
    void (*spoil)(v1::TraceQuestion&);
    absl::StatusCode code;
  } cases[] = {
      {"no source", [](auto& q) { q.clear_source(); }, absl::StatusCode::kInvalidArgument},
      {"an address of five bytes",
       [](auto& q) { q.set_source("12345"), q.set_destination("12345"); },
       absl::StatusCode::kInvalidArgument},
      {"two families", [](auto& q) { q.set_destination(Address("fd00::1")); },
       absl::StatusCode::kInvalidArgument},
      {"protocol 0", [](auto& q) { q.set_protocol(0); }, absl::StatusCode::kInvalidArgument},
      {"protocol 256", [](auto& q) { q.set_protocol(256); }, absl::StatusCode::kInvalidArgument},
      {"a protocol that would wrap to TCP", [](auto& q) { q.set_protocol(256 + IPPROTO_TCP); },
       absl::StatusCode::kInvalidArgument},
      {"source port", [](auto& q) { q.set_source_port(65536); },
       absl::StatusCode::kInvalidArgument},
      {"destination port", [](auto& q) { q.set_destination_port(65536 + 22); },
       absl::StatusCode::kInvalidArgument},
      {"flags", [](auto& q) { q.set_tcp_flags(256); }, absl::StatusCode::kInvalidArgument},
      {"ICMP type", [](auto& q) { q.set_icmp_type(256); }, absl::StatusCode::kInvalidArgument},
      {"ICMP code", [](auto& q) { q.set_icmp_code(256); }, absl::StatusCode::kInvalidArgument},
      {"no interface", [](auto& q) { q.clear_in_interface(); }, absl::StatusCode::kInvalidArgument},
      {"a packet socket's that comes in", [](auto& q) { q.set_packet_socket(true); },
       absl::StatusCode::kInvalidArgument},
      {"one that is not there", [](auto& q) { q.set_in_interface("eth9"); },
       absl::StatusCode::kNotFound},
  };
  ASSERT_TRUE(PacketOf(Question(IPPROTO_TCP), router.host()).ok());
  for (const auto& c : cases) {
    v1::TraceQuestion question = Question(IPPROTO_TCP);
    c.spoil(question);
    EXPECT_EQ(PacketOf(question, router.host()).status().code(), c.code) << c.name;
  }
}

TEST(RouteAsAsked, LeadsFromOneInterfaceToTheOther) {
  TestRouter router;
  v1::TraceQuestion question = Question(IPPROTO_TCP);
  question.set_destination(Address("203.0.113.9"));
  question.set_out_interface("eth1");
  ASSERT_TRUE(RouteAsAsked(question, router.host()).ok());
  EXPECT_EQ(router.host().route(question.destination(), 0), router.eth1().index);
  EXPECT_TRUE(router.eth0_state().forwards4);
  question.set_out_interface("eth9");
  EXPECT_TRUE(absl::IsNotFound(RouteAsAsked(question, router.host())));
}

}  // namespace
}  // namespace firebreak::policy
