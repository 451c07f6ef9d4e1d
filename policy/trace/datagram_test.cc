// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/datagram.h"

#include <gtest/gtest.h>

#include "policy/trace/checksum.h"
#include "policy/trace/test_packets.h"

namespace firebreak::datagram {
namespace {

using policy::From;
using policy::kSyn;
using policy::Packet;
using policy::ParsePacket;

TEST(MakeDatagram, WritesTheHeaderOfIpv4) {
  Header header = From("192.0.2.1", "198.51.100.2", IPPROTO_UDP);
  header.id = 0x0102;
  header.hops = 3;
  header.options = Bytes("\x94\x04\0\0", 4);
  header.fragment_offset = 24;
  header.more_fragments = true;
  const Bytes made = MakeDatagram(header, "12345678");
  EXPECT_EQ(made.substr(0, 10), Bytes("\x46\0\0\x20\x01\x02\x20\x03\x03\x11", 10));
  EXPECT_EQ(made.substr(12), Bytes("\xc0\0\x02\x01\xc6\x33\x64\x02\x94\x04\0\0"
                                   "12345678",
                                   20));
  EXPECT_EQ(policy::HeaderSum(made.substr(0, 24)), 0xffff);
}

TEST(MakeDatagram, ChainsTheHeadersOfIpv6) {
  Header header = From("2001:db8::1", "2001:db8::2", IPPROTO_UDP);
  header.id = 0x0102;
  header.options = Bytes("\0\0\x01\x04\0\0\0\0", 8);
  header.first_option = IPPROTO_HOPOPTS;
  header.fragment_offset = 24;
  header.more_fragments = true;
  const Bytes made = MakeDatagram(header, "12345678");
  ASSERT_EQ(made.size(), 64u);
  EXPECT_EQ(made.substr(4, 4), Bytes("\0\x18\0\x40", 4)) << "24 bytes, hop-by-hop options first";
  EXPECT_EQ(made.substr(40, 8), Bytes("\x2c\0\x01\x04\0\0\0\0", 8)) << "then the fragment header";
  EXPECT_EQ(made.substr(48, 8), Bytes("\x11\0\0\x19\0\0\x01\x02", 8)) << "then UDP";
  EXPECT_EQ(made.substr(56), "12345678");
}

TEST(PutChecksum, MakesEachProtocolRight) {
  const struct {
    const char* name;
    Header header;
    Bytes transport;
  } cases[] = {
      {"TCP", From("192.0.2.1", "192.0.2.2", IPPROTO_TCP), Tcp(1, 2, kSyn, 3, 0, "abc")},
      {"TCP over IPv6", From("fe80::1", "fe80::2", IPPROTO_TCP), Tcp(1, 2, kSyn, 3, 0, "abc")},
      {"UDP", From("192.0.2.1", "192.0.2.2", IPPROTO_UDP), Udp(1, 2, "abc")},
      {"ICMP", From("192.0.2.1", "192.0.2.2", IPPROTO_ICMP), Icmp(8, 0, 1, "abc")},
      {"ICMPv6", From("fe80::1", "fe80::2", IPPROTO_ICMPV6), Icmp(128, 0, 1, "abc")},
  };
  for (const auto& c : cases) {
    Bytes transport = c.transport;
    transport[*ChecksumOffset(c.header.protocol)] = '\x55';  // the old checksum does not matter
    PutChecksum(c.header, transport);
    EXPECT_EQ(policy::TransportSum(ParsePacket(MakeDatagram(c.header, transport))), 0xffff)
        << c.name;
  }
  Bytes sctp = Sctp(1, 2, 1);
  PutChecksum(From("192.0.2.1", "192.0.2.2", IPPROTO_SCTP), sctp);
  EXPECT_EQ(sctp.substr(8, 4), Number32(policy::SctpChecksum(sctp)));
}

// A fragment has the checksum of the whole datagram.
TEST(PutChecksum, DoesNotDependOnHowTheDatagramIsSent) {
  Header header = From("2001:db8::1", "2001:db8::2", IPPROTO_UDP);
  Bytes plain = Udp(1, 2, "abc");
  Bytes in_parts = plain;
  PutChecksum(header, plain);
  header.options = Bytes("\0\0\x01\x04\0\0\0\0", 8);
  header.first_option = IPPROTO_DSTOPTS;
  header.fragment_offset = 8;
  PutChecksum(header, in_parts);
  EXPECT_EQ(plain, in_parts);
}

// Source: RFC 768. Zero means that there is no checksum, so a checksum of zero is sent as its
// complement.
TEST(PutChecksum, NeverLeavesZeroInUdp) {
  const Header header = From("192.0.2.1", "192.0.2.2", IPPROTO_UDP);
  Bytes transport = Udp(1, 2, Bytes(2, '\0'));
  PutChecksum(header, transport);
  const Bytes missing = transport.substr(6, 2);
  transport.replace(8, 2, missing);  // now everything else adds up to 0xffff
  PutChecksum(header, transport);
  EXPECT_EQ(transport.substr(6, 2), "\xff\xff");
}

TEST(PutChecksum, LeavesAloneWhatHasNoneOrHasNoRoomForIt) {
  const Header gre = From("192.0.2.1", "192.0.2.2", IPPROTO_GRE);
  const Header tcp = From("192.0.2.1", "192.0.2.2", IPPROTO_TCP);
  const Header sctp = From("192.0.2.1", "192.0.2.2", IPPROTO_SCTP);
  for (const Header& header : {gre, tcp, sctp}) {
    Bytes transport(header.protocol == IPPROTO_TCP ? 17 : 11, 'x');
    const Bytes before = transport;
    PutChecksum(header, transport);
    EXPECT_EQ(transport, before) << int{header.protocol};
  }
}

// Source: RFC 9260, 3.3. Linux's connection tracking follows these lengths from chunk to chunk.
TEST(Sctp, TellsTheLengthOfItsChunk) {
  for (uint8_t chunk : {0, 1, 10}) {
    const Bytes made = Sctp(5000, 6000, chunk);
    EXPECT_EQ(static_cast<uint8_t>(made[12]), chunk);
    EXPECT_EQ(policy::Read16(made, 14), made.size() - 12);
  }
}

}  // namespace
}  // namespace firebreak::datagram
