// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/datagram.h"

#include <netinet/in.h>

#include "policy/trace/checksum.h"
#include "policy/trace/packet.h"

namespace firebreak::datagram {
namespace {

Bytes Number8(uint8_t value) { return Bytes(1, static_cast<char>(value)); }

Bytes MakeIpv4(const Header& header, const Bytes& transport) {
  const size_t words = 5 + header.options.size() / 4;
  uint16_t fragment = static_cast<uint16_t>(header.fragment_offset.value_or(0) / 8);
  if (header.more_fragments) fragment |= 0x2000;
  Bytes bytes = Number8(static_cast<uint8_t>(0x40 | words)) + Number8(0) +
                Number16(static_cast<uint16_t>(words * 4 + transport.size())) +
                Number16(header.id) + Number16(fragment) + Number8(header.hops) +
                Number8(header.protocol) + Number16(0) + header.source + header.destination +
                header.options;
  bytes.replace(10, 2, Number16(static_cast<uint16_t>(~policy::HeaderSum(bytes))));
  return bytes + transport;
}

Bytes MakeIpv6(const Header& header, const Bytes& transport) {
  Bytes behind = transport;
  uint8_t next = header.protocol;
  if (header.fragment_offset.has_value()) {
    behind = Number8(next) + Number8(0) +
             Number16(static_cast<uint16_t>(*header.fragment_offset | header.more_fragments)) +
             Number32(header.id) + behind;
    next = IPPROTO_FRAGMENT;
  }
  if (!header.options.empty()) {
    Bytes options = header.options;
    options[0] = static_cast<char>(next);
    behind = options + behind;
    next = header.first_option;
  }
  return Number8(0x60) + Number8(0) + Number16(header.id) +
         Number16(static_cast<uint16_t>(behind.size())) + Number8(next) + Number8(header.hops) +
         header.source + header.destination + behind;
}

}  // namespace

Bytes Number16(uint16_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
}
Bytes Number32(uint32_t value) {
  return Number16(static_cast<uint16_t>(value >> 16)) + Number16(static_cast<uint16_t>(value));
}

Bytes MakeDatagram(const Header& header, const Bytes& transport) {
  return header.source.size() == 4 ? MakeIpv4(header, transport) : MakeIpv6(header, transport);
}

Bytes Tcp(uint16_t source, uint16_t destination, uint8_t flags, uint32_t sequence, uint32_t ack,
          const Bytes& payload) {
  return Number16(source) + Number16(destination) + Number32(sequence) + Number32(ack) +
         Number8(0x50) + Number8(flags) + Number16(0x7fff) + Number32(0) + payload;
}

Bytes Udp(uint16_t source, uint16_t destination, const Bytes& payload) {
  return Number16(source) + Number16(destination) +
         Number16(static_cast<uint16_t>(8 + payload.size())) + Number16(0) + payload;
}

Bytes Icmp(uint8_t type, uint8_t code, uint16_t id, const Bytes& payload) {
  return Number8(type) + Number8(code) + Number16(0) + Number16(id) + Number16(1) + payload;
}

Bytes Gre(bool pptp, uint16_t key, const Bytes& payload) {
  if (!pptp) return Number16(0) + Number16(0x0800) + payload;
  return Number16(0x2001) + Number16(0x880b) + Number16(static_cast<uint16_t>(payload.size())) +
         Number16(key) + payload;
}

Bytes Sctp(uint16_t source, uint16_t destination, uint8_t chunk) {
  constexpr uint8_t kInit = 1;
  // The tag is 0 everywhere, which is the right tag for every chunk.
  const Bytes body =
      chunk == kInit ? Number32(0) + Number32(65536) + Number32(1) + Number32(1) : Bytes(16, '\0');
  return Number16(source) + Number16(destination) + Number32(0) + Number32(0) + Number8(chunk) +
         Number8(0) + Number16(static_cast<uint16_t>(4 + body.size())) + body;
}

std::optional<size_t> ChecksumOffset(uint8_t protocol) {
  switch (protocol) {
    case IPPROTO_TCP: return 16;
    case IPPROTO_UDP:
    case IPPROTO_UDPLITE: return 6;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6: return 2;
    case IPPROTO_SCTP: return 8;
    default: return std::nullopt;
  }
}

void PutChecksum(const Header& header, Bytes& transport) {
  const size_t at = ChecksumOffset(header.protocol).value_or(transport.size());
  if (header.protocol == IPPROTO_SCTP) {
    if (transport.size() < at + 4) return;
    transport.replace(at, 4, Number32(policy::SctpChecksum(transport)));
    return;
  }
  if (transport.size() < at + 2) return;
  transport.replace(at, 2, Bytes(2, '\0'));
  const Header whole = {
      .source = header.source, .destination = header.destination, .protocol = header.protocol};
  const policy::Packet packet = policy::ParsePacket(MakeDatagram(whole, transport));
  uint16_t sum = static_cast<uint16_t>(~policy::TransportSum(packet));
  if (sum == 0 && at == 6) sum = 0xffff;
  transport.replace(at, 2, Number16(sum));
}

}  // namespace firebreak::datagram
