// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_TRACE_DATAGRAM_H_
#define FIREBREAK_POLICY_TRACE_DATAGRAM_H_

#include <cstdint>
#include <optional>

#include "policy/ruleset/expression.h"

namespace firebreak::datagram {

using ruleset::Bytes;

// The fields of an IP header, as values. Datagrams made from them have right lengths and checksums.
struct Header {
  Bytes source;  // 4 or 16 bytes, as many as in the destination
  Bytes destination;
  uint8_t protocol = 0;
  uint16_t id = 0;
  uint8_t hops = 64;
  // For IPv4 a multiple of four bytes; for IPv6 whole extension headers.
  Bytes options;
  uint8_t first_option = 0;  // for IPv6, the number of the first extension header
  // The place of a fragment, in bytes.
  std::optional<uint16_t> fragment_offset;
  bool more_fragments = false;
};
Bytes MakeDatagram(const Header& header, const Bytes& transport);

Bytes Number16(uint16_t value);
Bytes Number32(uint32_t value);

// Return payloads of IP without their checksums.
Bytes Tcp(uint16_t source, uint16_t destination, uint8_t flags, uint32_t sequence, uint32_t ack,
          const Bytes& payload);
Bytes Udp(uint16_t source, uint16_t destination, const Bytes& payload);
Bytes Icmp(uint8_t type, uint8_t code, uint16_t id, const Bytes& payload);
Bytes Gre(bool pptp, uint16_t key, const Bytes& payload);
Bytes Sctp(uint16_t source, uint16_t destination, uint8_t chunk);

// Returns the offset of the checksum in the transport header, or nullopt if the header has none.
std::optional<size_t> ChecksumOffset(uint8_t protocol);

// Puts the right checksum into a transport header that has one. `header` has the protocol and the
// addresses.
void PutChecksum(const Header& header, Bytes& transport);

}  // namespace firebreak::datagram

#endif  // FIREBREAK_POLICY_TRACE_DATAGRAM_H_
