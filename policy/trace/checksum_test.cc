// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/checksum.h"

#include <gtest/gtest.h>

#include "policy/trace/test_packets.h"

namespace firebreak::policy {
namespace {

using datagram::Icmp;
using datagram::Number16;
using datagram::Tcp;
using datagram::Udp;
using ruleset::Bytes;

TEST(HeaderSum, AddsAsRfc1071Does) {
  const struct {
    const char* name;
    Bytes bytes;
    uint16_t sum;
  } cases[] = {
      {"nothing", "", 0},
      {"the example of RFC 1071, 3", Bytes("\x00\x01\xf2\x03\xf4\xf5\xf6\xf7", 8), 0xddf2},
      {"an odd byte is the upper one", Bytes("\x00\x01\xf2", 3), 0xf201},
      {"the carry comes back below", Bytes("\xff\xff\x00\x01", 4), 0x0001},
      {"a carry of the carry too", Bytes("\xff\xff\xff\xff\x00\x01", 6), 0x0001},
      {"as many carries as a datagram has", Bytes(65534, '\xff'), 0xffff},
      {"a header as it was captured",
       Bytes("\x45\x00\x00\x73\x00\x00\x40\x00\x40\x11\xb8\x61\xc0\xa8\x00\x01\xc0\xa8\x00\xc7",
             20),
       0xffff},
  };
  for (const auto& c : cases) EXPECT_EQ(HeaderSum(c.bytes), c.sum) << c.name;
}

// The checksums were computed by another program; Linux accepts them.
TEST(TransportSum, IsRightForRightChecksumsAndForNoOther) {
  const struct {
    const char* name;
    datagram::Header header;
    Bytes transport;
    uint16_t checksum;
    size_t at;
  } cases[] = {
      {"UDP, of odd length", From("192.0.2.1", "192.0.2.2", IPPROTO_UDP), Udp(0x1234, 53, "abc"),
       0xa508, 6},
      {"UDP over IPv6, of odd length", From("2001:db8::1", "2001:db8::2", IPPROTO_UDP),
       Udp(0x1234, 53, "abc"), 0xcd97, 6},
      {"TCP", From("192.0.2.1", "192.0.2.2", IPPROTO_TCP), Tcp(40000, 22, kSyn, 0x01020304, 0, ""),
       0x0b83, 16},
      {"TCP over IPv6", From("2001:db8::1", "2001:db8::2", IPPROTO_TCP),
       Tcp(40000, 22, kSyn, 0x01020304, 0, ""), 0x3412, 16},
      {"ICMP, without a pseudo header", From("192.0.2.1", "192.0.2.2", IPPROTO_ICMP),
       Icmp(8, 0, 0x1234, "hello"), 0xa1f8, 2},
      {"ICMPv6, with one", From("fe80::1", "ff02::1", IPPROTO_ICMPV6),
       Icmp(128, 0, 0x1234, "hello"), 0x2c2b, 2},
  };
  for (const auto& c : cases) {
    Bytes transport = c.transport;
    transport.replace(c.at, 2, Number16(c.checksum));
    const auto sum = [&](const datagram::Header& header) {
      return TransportSum(ParsePacket(datagram::MakeDatagram(header, transport)));
    };
    EXPECT_EQ(sum(c.header), 0xffff) << c.name;
    datagram::Header elsewhere = c.header;
    elsewhere.destination.back() ^= 0x40;
    EXPECT_EQ(sum(elsewhere) == 0xffff, c.header.protocol == IPPROTO_ICMP) << c.name;
    transport.back() ^= 0x01;
    EXPECT_NE(sum(c.header), 0xffff) << c.name;
  }
}

// Source: RFC 8200, 8.1. The pseudo header has the length and the protocol behind the extension
// headers.
TEST(TransportSum, TakesNoExtensionHeader) {
  datagram::Header header = From("2001:db8::1", "2001:db8::2", IPPROTO_UDP);
  header.options = Bytes("\0\0\x01\x04\0\0\0\0", 8);
  header.first_option = IPPROTO_DSTOPTS;
  Bytes transport = Udp(0x1234, 53, "abc");
  transport.replace(6, 2, Number16(0xcd97));
  EXPECT_EQ(TransportSum(ParsePacket(datagram::MakeDatagram(header, transport))), 0xffff);
}

TEST(SctpChecksum, IsCrc32cWithTheLowestByteFirst) {
  // Source: RFC 3720, B.4. The CRC of 32 zeros is sent as aa 36 91 8a.
  EXPECT_EQ(SctpChecksum(Bytes(32, '\0')), 0xaa36918a);
  EXPECT_EQ(SctpChecksum(""), 0u);
  Bytes heartbeat = Number16(5000) + Number16(6000) + Bytes("\0\0\0\x07", 4) + Bytes(4, '\0') +
                    Bytes("\x04\0\0\x08\x01\x02\x03\x04", 8);
  EXPECT_EQ(SctpChecksum(heartbeat), 0x76e2fa83);
  heartbeat.replace(8, 4, "\x76\xe2\xfa\x83");
  EXPECT_EQ(SctpChecksum(heartbeat), 0x76e2fa83) << "its own field counts as zero";
  heartbeat.back() ^= 0x01;
  EXPECT_NE(SctpChecksum(heartbeat), 0x76e2fa83);
}

}  // namespace
}  // namespace firebreak::policy
