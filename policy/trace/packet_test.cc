// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/packet.h"

// glibc's header comes before the kernel's, which then leave out what both define.
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <linux/netfilter.h>

#include <vector>

#include "policy/trace/test_packets.h"

namespace firebreak::policy {
namespace {

using datagram::Header;
using datagram::MakeDatagram;
using datagram::Number16;
using ruleset::Bytes;

constexpr uint8_t kUnknown = 99;

Bytes Ipv4(const Bytes& transport, const Bytes& options = "") {
  Header header = From("192.0.2.1", "198.51.100.2", kUnknown);
  header.options = options;
  return MakeDatagram(header, transport);
}

Bytes Ipv6(uint8_t next, const Bytes& behind) {
  return MakeDatagram(From("2001:db8::1", "2001:db8::2", next), behind);
}

// Returns an extension header of eight bytes; its first byte is the type of the next header.
Bytes Extension(uint8_t next) {
  return Bytes(1, static_cast<char>(next)) + Bytes("\0\x01\x04\0\0\0\0", 7);
}
Bytes FragmentHeader(uint8_t next, uint16_t offset_and_flags) {
  return Bytes(1, static_cast<char>(next)) + '\0' + Number16(offset_and_flags) + Bytes(4, '\0');
}

// The expected result of parsing a packet.
struct Seen {
  Bytes transport;
  uint8_t protocol = kUnknown;
  uint16_t offset = 0;
  bool more = false;
  bool whole = true;
};

void ExpectSeen(const char* name, const Packet& packet, const Seen& seen) {
  EXPECT_TRUE(packet.protocol_known) << name;
  EXPECT_EQ(packet.protocol, seen.protocol) << name;
  EXPECT_EQ(packet.transport, seen.transport) << name;
  EXPECT_EQ(packet.fragment_offset, seen.offset) << name;
  EXPECT_EQ(packet.more_fragments, seen.more) << name;
  EXPECT_EQ(packet.whole, seen.whole) << name;
  EXPECT_EQ(IsFragment(packet), seen.offset != 0 || seen.more) << name;
}

Bytes WithIpv4(Bytes datagram, size_t at, const Bytes& bytes) {
  return datagram.replace(at, bytes.size(), bytes);
}

TEST(ParsePacket, FollowsIpv4) {
  const Bytes plain = Ipv4("abcdefgh");
  const struct {
    const char* name;
    Bytes bytes;
    Seen seen;
  } cases[] = {
      {"without options", plain, {.transport = "abcdefgh"}},
      {"with as many as there can be", Ipv4("abcd", Bytes(40, '\x01')), {.transport = "abcd"}},
      {"nothing behind the header", Ipv4(""), {}},
      {"padded by the frame", plain + Bytes(18, '\0'), {.transport = "abcdefgh"}},
      {"cut short", plain.substr(0, 24), {.transport = "abcd", .whole = false}},
      {"shorter than its header",
       WithIpv4(plain, 2, Number16(19)),
       {.transport = "abcdefgh", .whole = false}},
      {"the first fragment",
       WithIpv4(plain, 6, Number16(0x2000)),
       {.transport = "abcdefgh", .more = true}},
      {"one in the middle",
       WithIpv4(plain, 6, Number16(0x2001)),
       {.transport = "abcdefgh", .offset = 8, .more = true}},
      {"the last possible",
       WithIpv4(plain, 6, Number16(0x1fff)),
       {.transport = "abcdefgh", .offset = 65528}},
      {"must not be fragmented", WithIpv4(plain, 6, Number16(0x4000)), {.transport = "abcdefgh"}},
  };
  for (const auto& c : cases) {
    const Packet packet = ParsePacket(c.bytes);
    EXPECT_EQ(packet.family, NFPROTO_IPV4) << c.name;
    EXPECT_EQ(SourceOf(packet), Address("192.0.2.1")) << c.name;
    EXPECT_EQ(DestinationOf(packet), Address("198.51.100.2")) << c.name;
    ExpectSeen(c.name, packet, c.seen);
  }
}

// The expectations are what Linux 6.18 said about the same bytes when they were sent (meta l4proto,
// ct state).
TEST(ParsePacket, FollowsTheExtensionHeadersOfIpv6) {
  // Next header 99; claims to have 48 bytes.
  const Bytes overlong = Bytes("\x63\x05\x01\x04\0\0\0\0", 8);
  Bytes jumbo = Ipv6(IPPROTO_HOPOPTS, Extension(kUnknown) + "abcd");
  jumbo.replace(4, 2, Number16(0));
  Bytes padded = Ipv6(kUnknown, "abcdefgh");
  padded.replace(4, 2, Number16(4));
  Bytes cut = Ipv6(kUnknown, "abcdefgh");
  cut.resize(44);
  const struct {
    const char* name;
    Bytes bytes;
    Seen seen;
  } cases[] = {
      {"none", Ipv6(kUnknown, "abcd"), {.transport = "abcd"}},
      {"nothing behind the header", Ipv6(kUnknown, ""), {}},
      {"hop-by-hop options",
       Ipv6(IPPROTO_HOPOPTS, Extension(kUnknown) + "abcd"),
       {.transport = "abcd"}},
      {"all that are followed",
       Ipv6(IPPROTO_HOPOPTS, Extension(IPPROTO_DSTOPTS) + Extension(IPPROTO_ROUTING) +
                                 Extension(IPPROTO_FRAGMENT) + FragmentHeader(IPPROTO_DSTOPTS, 0) +
                                 Extension(kUnknown) + "abcd"),
       {.transport = "abcd"}},
      {"in an order that RFC 8200 does not like",
       Ipv6(IPPROTO_DSTOPTS, Extension(IPPROTO_HOPOPTS) + Extension(kUnknown) + "abcd"),
       {.transport = "abcd"}},
      {"a long one",
       Ipv6(IPPROTO_DSTOPTS, Bytes("\x63\x01", 2) + Bytes(14, '\0') + "abcd"),
       {.transport = "abcd"}},
      {"authentication, which counts words of four bytes",
       Ipv6(IPPROTO_AH, Bytes("\x63\x04", 2) + Bytes(22, '\0') + "abcd"),
       {.transport = "abcd"}},
      {"ESP is none", Ipv6(IPPROTO_ESP, "abcd"), {.transport = "abcd", .protocol = IPPROTO_ESP}},
      {"nor is mobility",
       Ipv6(IPPROTO_MH, Extension(kUnknown)),
       {.transport = Extension(kUnknown), .protocol = IPPROTO_MH}},
      {"nothing comes next",
       Ipv6(IPPROTO_DSTOPTS, Extension(IPPROTO_NONE) + "abcd"),
       {.transport = "abcd", .protocol = IPPROTO_NONE}},
      {"longer than the datagram", Ipv6(IPPROTO_DSTOPTS, overlong), {}},
      {"a fragment header that is all of it",
       Ipv6(IPPROTO_FRAGMENT, FragmentHeader(kUnknown, 0)),
       {}},
      {"the first fragment",
       Ipv6(IPPROTO_FRAGMENT, FragmentHeader(kUnknown, 1) + "abcd"),
       {.transport = "abcd", .more = true}},
      {"the last one",
       Ipv6(IPPROTO_FRAGMENT, FragmentHeader(kUnknown, 0xfff8) + "abcd"),
       {.transport = "abcd", .offset = 0xfff8}},
      {"one in the middle, of nothing",
       Ipv6(IPPROTO_FRAGMENT, FragmentHeader(IPPROTO_NONE, 9) + "abcd"),
       {.transport = "abcd", .protocol = IPPROTO_NONE, .offset = 8, .more = true}},
      {"the last one, cut to its offset",
       Ipv6(IPPROTO_FRAGMENT, FragmentHeader(kUnknown, 8).substr(0, 4)),
       {.offset = 8}},
      {"padded by the frame", padded, {.transport = "abcd"}},
      {"cut short", cut, {.transport = "abcd", .whole = false}},
      {"a jumbogram", jumbo, {.transport = "abcd"}},
  };
  for (const auto& c : cases) {
    const Packet packet = ParsePacket(c.bytes);
    EXPECT_EQ(packet.family, NFPROTO_IPV6) << c.name;
    EXPECT_EQ(SourceOf(packet), Address("2001:db8::1")) << c.name;
    EXPECT_EQ(DestinationOf(packet), Address("2001:db8::2")) << c.name;
    ExpectSeen(c.name, packet, c.seen);
  }
}

TEST(ParsePacket, SaysWhatCannotBeFollowed) {
  Bytes padding_as_header = Ipv6(IPPROTO_DSTOPTS, Extension(kUnknown));
  padding_as_header.replace(4, 2, Number16(0));
  const struct {
    const char* name;
    Bytes bytes;
    uint8_t family;
  } cases[] = {
      {"nothing", "", 0},
      {"neither family", Bytes(60, '\x50'), 0},
      {"IPv4 of 19 bytes", Ipv4("").substr(0, 19), NFPROTO_IPV4},
      {"a header of four words", WithIpv4(Ipv4("abcd"), 0, "\x44"), NFPROTO_IPV4},
      {"a header longer than the datagram", WithIpv4(Ipv4("abcd"), 0, "\x4f"), NFPROTO_IPV4},
      {"IPv6 of 39 bytes", Ipv6(kUnknown, "").substr(0, 39), NFPROTO_IPV6},
      {"an extension header that is not there", Ipv6(IPPROTO_DSTOPTS, ""), NFPROTO_IPV6},
      {"one of one byte", Ipv6(IPPROTO_DSTOPTS, "\x63"), NFPROTO_IPV6},
      {"one behind the end", padding_as_header, NFPROTO_IPV6},
      {"half an authentication header's beginning", Ipv6(IPPROTO_AH, "\x63"), NFPROTO_IPV6},
      {"a fragment header without its offset", Ipv6(IPPROTO_FRAGMENT, Bytes("\x63\0\0", 3)),
       NFPROTO_IPV6},
      {"a later fragment that begins within the extension headers",
       Ipv6(IPPROTO_FRAGMENT, FragmentHeader(IPPROTO_DSTOPTS, 8) + Extension(kUnknown)),
       NFPROTO_IPV6},
  };
  for (const auto& c : cases) {
    const Packet packet = ParsePacket(c.bytes);
    EXPECT_EQ(packet.family, c.family) << c.name;
    EXPECT_FALSE(packet.protocol_known) << c.name;
  }
}

// The sanitizers would report it if a cut packet were read past its end.
TEST(ParsePacket, TakesWhateverIsCutOff) {
  const Bytes six = Ipv6(IPPROTO_HOPOPTS, Extension(IPPROTO_AH) + Bytes("\x2c\x04", 2) +
                                              Bytes(22, '\0') + FragmentHeader(IPPROTO_TCP, 1) +
                                              datagram::Tcp(1, 2, kSyn, 3, 4, "abc"));
  const Bytes four = MakeDatagram(From("192.0.2.1", "192.0.2.2", IPPROTO_TCP),
                                  datagram::Tcp(1, 2, kSyn, 3, 4, "abc"));
  for (const Bytes& bytes : {six, four}) {
    EXPECT_TRUE(ParsePacket(bytes).whole);
    for (size_t length = 0; length < bytes.size(); ++length) {
      Packet packet = ParsePacket(bytes.substr(0, length));
      EXPECT_FALSE(packet.whole) << length;
      EXPECT_EQ(SourceOf(packet).size(), DestinationOf(packet).size()) << length;
      EXPECT_LE(packet.transport.size(), length);
    }
  }
}

TEST(Read16, IsZeroBehindTheEnd) {
  EXPECT_EQ(Read16("\x12\x34", 0), 0x1234);
  EXPECT_EQ(Read16("\x12\x34", 1), 0x3400);
  EXPECT_EQ(Read16("\x12\x34", 2), 0);
  EXPECT_EQ(Read16("\xff\xfe", 0), 0xfffe);
}

TEST(Rewrite, ChangesAddressAndPortOfOneSide) {
  const Bytes udp = datagram::Udp(1000, 2000, "abc");
  for (const char* remote : {"192.0.2.1", "2001:db8::1"}) {
    const bool ipv4 = Address(remote).size() == 4;
    const char* local = ipv4 ? "192.0.2.2" : "2001:db8::2";
    const Bytes other = Address(ipv4 ? "10.0.0.9" : "fd00::9");
    Packet packet = ParsePacket(MakeDatagram(From(remote, local, IPPROTO_UDP), udp) + "padding");
    Rewrite(Side::kSource, other, 3000, packet);
    EXPECT_EQ(SourceOf(packet), other);
    EXPECT_EQ(DestinationOf(packet), Address(local));
    EXPECT_EQ(packet.transport, datagram::Udp(3000, 2000, "abc"));
    Rewrite(Side::kDestination, other, std::nullopt, packet);
    EXPECT_EQ(DestinationOf(packet), other);
    EXPECT_EQ(packet.transport, datagram::Udp(3000, 2000, "abc"));
  }
}

TEST(Rewrite, LeavesAloneWhatIsNoPortOrNoAddress) {
  const Bytes payload = datagram::Udp(1000, 2000, "abc");
  Header header = From("192.0.2.1", "192.0.2.2", IPPROTO_UDP);
  Packet packet = ParsePacket(MakeDatagram(header, payload));
  Rewrite(Side::kSource, Address("2001:db8::1"), 3000, packet);
  EXPECT_EQ(packet.network, MakeDatagram(header, payload)) << "an address of the other family";

  header.fragment_offset = 8;
  packet = ParsePacket(MakeDatagram(header, payload));
  Rewrite(Side::kSource, Address("10.0.0.9"), 3000, packet);
  EXPECT_EQ(packet.transport, payload) << "a later fragment begins with no port";

  packet = ParsePacket(MakeDatagram(From("192.0.2.1", "192.0.2.2", IPPROTO_GRE), payload));
  Rewrite(Side::kSource, Address("10.0.0.9"), 3000, packet);
  EXPECT_EQ(packet.transport, payload);
  EXPECT_EQ(SourceOf(packet), Address("10.0.0.9"));

  packet = ParsePacket(MakeDatagram(From("192.0.2.1", "192.0.2.2", IPPROTO_UDP), "abc"));
  Rewrite(Side::kSource, Address("10.0.0.9"), 3000, packet);
  EXPECT_EQ(packet.transport, "abc") << "cut short";
}

// The datagram's bytes change together with the transport header's, because rules look at either.
TEST(Rewrite, KeepsBothViewsAlike) {
  Packet packet = ParsePacket(MakeDatagram(From("192.0.2.1", "192.0.2.2", IPPROTO_TCP),
                                           datagram::Tcp(1000, 2000, kSyn, 1, 0, "abc")));
  Rewrite(Side::kDestination, Address("10.0.0.9"), 3000, packet);
  EXPECT_EQ(ParsePacket(packet.network).transport, packet.transport);
  EXPECT_EQ(Read16(packet.transport, 2), 3000);
}

}  // namespace
}  // namespace firebreak::policy
