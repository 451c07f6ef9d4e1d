// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/packet.h"

// glibc's header must come before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <linux/netfilter.h>

#include <utility>

namespace firebreak::policy {
namespace {

using ruleset::Bytes;

constexpr size_t kIpv4Header = 20, kIpv6Header = 40;

uint8_t At(const Bytes& bytes, size_t offset) {
  return offset < bytes.size() ? static_cast<uint8_t>(bytes[offset]) : 0;
}

void ParseIpv4(Packet& packet) {
  const Bytes& bytes = packet.network;
  const size_t header = (At(bytes, 0) & 0xfu) * 4;
  if (bytes.size() < kIpv4Header || header < kIpv4Header || header > bytes.size()) {
    packet.protocol_known = packet.whole = false;
    return;
  }
  const uint16_t total = Read16(bytes, 2), fragment = Read16(bytes, 6);
  packet.whole = total >= header && total <= bytes.size();
  packet.protocol = At(bytes, 9);
  packet.fragment_offset = static_cast<uint16_t>((fragment & 0x1fff) * 8);
  packet.more_fragments = (fragment & 0x2000) != 0;
  packet.transport = bytes.substr(header, packet.whole ? total - header : Bytes::npos);
}

bool IsExtension(uint8_t next) {
  return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_FRAGMENT ||
         next == IPPROTO_AH || next == IPPROTO_DSTOPTS;
}

// Follows the extension headers in the same way as ipv6_find_hdr and ipv6_skip_exthdr. A header
// that claims to be longer than the datagram has a protocol number behind it, but no bytes.
void ParseIpv6(Packet& packet) {
  const Bytes& bytes = packet.network;
  packet.protocol_known = packet.whole = false;
  if (bytes.size() < kIpv6Header) return;
  const size_t length = Read16(bytes, 4);
  packet.whole = kIpv6Header + length <= bytes.size();
  uint8_t next = At(bytes, 6);
  size_t at = kIpv6Header;
  // Bytes behind the datagram pad the frame. A jumbogram's length is elsewhere (RFC 2675).
  const bool jumbo = length == 0 && next == IPPROTO_HOPOPTS;
  const size_t end = packet.whole && !jumbo ? kIpv6Header + length : bytes.size();
  const auto rest = [&](size_t from) {
    return from < end ? bytes.substr(from, end - from) : Bytes();
  };
  while (IsExtension(next)) {
    if (at + 2 > end) return;
    const uint8_t behind = At(bytes, at);
    size_t size = (At(bytes, at + 1) + 1u) * 8;
    if (next == IPPROTO_AH) {
      size = (At(bytes, at + 1) + 2u) * 4;
      if (packet.authentication.empty()) packet.authentication = rest(at);
    }
    if (next == IPPROTO_FRAGMENT) {
      if (at + 4 > end) return;
      const uint16_t fragment = Read16(bytes, at + 2);
      packet.fragment_offset = fragment & 0xfff8;
      packet.more_fragments = (fragment & 1) != 0;
      if (packet.fragment_offset != 0) {
        packet.protocol_known = !IsExtension(behind);
        packet.protocol = behind;
        packet.transport = rest(at + 8);
        return;
      }
      size = 8;
    }
    next = behind;
    at += size;
  }
  packet.protocol_known = true;
  packet.protocol = next;
  packet.transport = rest(at);
}

}  // namespace

uint16_t Read16(const Bytes& bytes, size_t offset) {
  return static_cast<uint16_t>(At(bytes, offset) << 8 | At(bytes, offset + 1));
}

Packet ParsePacket(Bytes datagram) {
  Packet packet = {.network = std::move(datagram)};
  switch (At(packet.network, 0) >> 4) {
    case 4:
      packet.family = NFPROTO_IPV4;
      ParseIpv4(packet);
      break;
    case 6:
      packet.family = NFPROTO_IPV6;
      ParseIpv6(packet);
      break;
    default: packet.protocol_known = packet.whole = false;
  }
  return packet;
}

std::optional<RuleTransport> TransportForRules(const Packet& packet) {
  if (!packet.authentication.empty()) return RuleTransport{IPPROTO_AH, &packet.authentication};
  if (!packet.protocol_known) return std::nullopt;
  return RuleTransport{packet.protocol, packet.fragment_offset == 0 ? &packet.transport : nullptr};
}

bool HasExtension(const Packet& packet, uint8_t type) {
  const Bytes& bytes = packet.network;
  if (packet.family != NFPROTO_IPV6 || bytes.size() < kIpv6Header) return false;
  uint8_t next = At(bytes, 6);
  size_t at = kIpv6Header;
  while (IsExtension(next)) {
    if (at + 2 > bytes.size()) return false;
    size_t size = (At(bytes, at + 1) + 1u) * 8;
    if (next == type) return next != IPPROTO_ROUTING || at + 4 <= bytes.size();
    if (next == IPPROTO_AH) size = (At(bytes, at + 1) + 2u) * 4;
    if (next == IPPROTO_FRAGMENT) {
      if (at + 4 > bytes.size() || (Read16(bytes, at + 2) & 0xfff8) != 0) return false;
      size = 8;
    }
    next = At(bytes, at);
    at += size;
  }
  return false;
}

Bytes SourceOf(const Packet& packet) {
  const bool ipv4 = packet.family == NFPROTO_IPV4;
  return packet.network.size() < (ipv4 ? kIpv4Header : kIpv6Header)
             ? Bytes(ipv4 ? 4 : 16, '\0')
             : packet.network.substr(ipv4 ? 12 : 8, ipv4 ? 4 : 16);
}

Bytes DestinationOf(const Packet& packet) {
  const bool ipv4 = packet.family == NFPROTO_IPV4;
  return packet.network.size() < (ipv4 ? kIpv4Header : kIpv6Header)
             ? Bytes(ipv4 ? 4 : 16, '\0')
             : packet.network.substr(ipv4 ? 16 : 24, ipv4 ? 4 : 16);
}

bool TracksPorts(uint8_t protocol) {
  return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_UDPLITE ||
         protocol == IPPROTO_SCTP;
}

void Rewrite(Side side, const Bytes& address, std::optional<uint16_t> port, Packet& packet) {
  const bool ipv4 = packet.family == NFPROTO_IPV4;
  if (address.size() != (ipv4 ? 4u : 16u)) return;
  const size_t source = ipv4 ? 12 : 8;
  packet.network.replace(side == Side::kSource ? source : source + address.size(), address.size(),
                         address);
  if (!port.has_value() || !TracksPorts(packet.protocol) || packet.transport.size() < 4 ||
      packet.fragment_offset != 0) {
    return;
  }
  const Bytes number = {static_cast<char>(*port >> 8), static_cast<char>(*port & 0xff)};
  const size_t offset = side == Side::kSource ? 0 : 2;
  const size_t begin = packet.network.size() - packet.transport.size();
  packet.transport.replace(offset, 2, number);
  // Only where the transport header is at the same place, because the frame may be padded behind
  // the datagram.
  if (packet.network.compare(begin + 4, std::string::npos, packet.transport, 4) == 0) {
    packet.network.replace(begin + offset, 2, number);
  }
}

}  // namespace firebreak::policy
