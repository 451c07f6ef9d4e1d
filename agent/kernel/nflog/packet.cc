// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/nflog/packet.h"

#include <netinet/in.h>

#include <cstddef>
#include <cstdint>

namespace firebreak::agent {
namespace {

// RFC 791, RFC 8200, RFC 9293, RFC 768, RFC 792.
constexpr size_t kIpv4Header = 20;
constexpr size_t kIpv6Header = 40;
constexpr size_t kTcpFixedHeader = 20;
constexpr uint16_t kFragmentOffset = 0x1fff;
constexpr int kMaxExtensions = 16;

uint64_t Number(std::span<const char> bytes, size_t at, size_t length) {
  uint64_t number = 0;
  for (size_t i = 0; i < length; ++i) number = number << 8 | static_cast<uint8_t>(bytes[at + i]);
  return number;
}

// Whether the bytes begin with a whole IPv4 header with the right checksum (RFC 1071).
bool IsIpv4Header(std::span<const char> bytes) {
  if (bytes.size() < kIpv4Header || static_cast<uint8_t>(bytes[0]) >> 4 != 4) return false;
  const size_t header = static_cast<size_t>(bytes[0] & 0xf) * 4;
  if (header < kIpv4Header || bytes.size() < header) return false;
  uint64_t sum = 0;
  for (size_t at = 0; at < header; at += 2) sum += Number(bytes, at, 2);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return sum == 0xffff;
}

bool HasPorts(uint8_t protocol) {
  return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP ||
         protocol == IPPROTO_DCCP || protocol == IPPROTO_UDPLITE;
}

void ReadTransport(std::span<const char> bytes, Record& record) {
  if (HasPorts(record.protocol) && bytes.size() >= 4) {
    record.source_port = static_cast<uint16_t>(Number(bytes, 0, 2));
    record.destination_port = static_cast<uint16_t>(Number(bytes, 2, 2));
    record.has |= Record::kPorts;
  }
  if (record.protocol == IPPROTO_TCP && bytes.size() >= kTcpFixedHeader) {
    record.tcp_sequence = static_cast<uint32_t>(Number(bytes, 4, 4));
    record.tcp_acknowledgement = static_cast<uint32_t>(Number(bytes, 8, 4));
    record.tcp_flags = static_cast<uint8_t>(bytes[13]);
    record.tcp_window = static_cast<uint16_t>(Number(bytes, 14, 2));
    record.has |= Record::kTcp;
  }
  const bool icmp = (record.protocol == IPPROTO_ICMP && record.family == 4) ||
                    (record.protocol == IPPROTO_ICMPV6 && record.family == 6);
  if (icmp && bytes.size() >= 2) {
    record.icmp_type = static_cast<uint8_t>(bytes[0]);
    record.icmp_code = static_cast<uint8_t>(bytes[1]);
    record.has |= Record::kIcmp;
  }
}

void ReadIpv4(std::span<const char> bytes, Record& record) {
  const size_t header = static_cast<size_t>(bytes[0] & 0xf) * 4;
  if (header < kIpv4Header || bytes.size() < kIpv4Header) return;
  record.family = 4;
  record.size = Number(bytes, 2, 2);
  record.has |= Record::kSize;
  record.protocol = static_cast<uint8_t>(bytes[9]);
  record.source.low = Number(bytes, 12, 4);
  record.destination.low = Number(bytes, 16, 4);
  const bool first = (Number(bytes, 6, 2) & kFragmentOffset) == 0;
  if (first && bytes.size() > header) ReadTransport(bytes.subspan(header), record);
}

void ReadIpv6(std::span<const char> bytes, Record& record) {
  if (bytes.size() < kIpv6Header) return;
  record.family = 6;
  // A jumbo payload (RFC 2675) has the length 0 here; its real length is not recorded.
  record.size = kIpv6Header + Number(bytes, 4, 2);
  record.has |= Record::kSize;
  record.source = {Number(bytes, 8, 8), Number(bytes, 16, 8)};
  record.destination = {Number(bytes, 24, 8), Number(bytes, 32, 8)};
  auto next = static_cast<uint8_t>(bytes[6]);
  bytes = bytes.subspan(kIpv6Header);
  for (int i = 0; i < kMaxExtensions; ++i) {
    size_t length = 0;
    bool first = true;
    switch (next) {
      case IPPROTO_HOPOPTS:
      case IPPROTO_ROUTING:
      case IPPROTO_DSTOPTS:
        if (bytes.size() >= 2) length = 8 + static_cast<size_t>(static_cast<uint8_t>(bytes[1])) * 8;
        break;
      case IPPROTO_FRAGMENT:
        if (bytes.size() < 8) break;
        length = 8;
        first = (Number(bytes, 2, 2) & 0xfff8) == 0;
        break;
      case IPPROTO_AH:
        if (bytes.size() >= 2) length = 8 + static_cast<size_t>(static_cast<uint8_t>(bytes[1])) * 4;
        break;
      default:
        record.protocol = next;
        ReadTransport(bytes, record);
        return;
    }
    record.protocol = next;
    if (length == 0 || bytes.size() < length) return;
    next = static_cast<uint8_t>(bytes[0]);
    record.protocol = next;
    if (!first) return;
    bytes = bytes.subspan(length);
  }
}

}  // namespace

void ReadPacket(std::span<const char> bytes, Record& record) {
  if (bytes.empty()) return;
  switch (static_cast<uint8_t>(bytes[0]) >> 4) {
    case 4: return ReadIpv4(bytes, record);
    case 6: return ReadIpv6(bytes, record);
    default: return;
  }
}

std::span<const char> BehindLink(std::span<const char> frame) {
  // A frame begins with an address that may look like the beginning of an IPv4 header, but the
  // checksum behind it would not match.
  if (IsIpv4Header(frame)) return frame;
  constexpr size_t kType = 12, kTag = 4;
  for (size_t at = kType; at + 2 < frame.size(); at += kTag) {
    const uint64_t type = Number(frame, at, 2);
    const std::span<const char> rest = frame.subspan(at + 2);
    const int version = static_cast<uint8_t>(rest[0]) >> 4;
    if ((type == 0x0800 && version == 4) || (type == 0x86dd && version == 6)) return rest;
    if (type != 0x8100 && type != 0x88a8 && type != 0x9100 && type != 0x9200) break;
  }
  // The addresses of an Ethernet frame may look like an IPv4 header, but not like an IPv6 header.
  const bool ip6 = frame.size() >= kIpv6Header && static_cast<uint8_t>(frame[0]) >> 4 == 6 &&
                   kIpv6Header + Number(frame, 4, 2) >= frame.size();
  return ip6 ? frame : std::span<const char>();
}

}  // namespace firebreak::agent
