// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_TRACE_TEST_PACKETS_H_
#define FIREBREAK_POLICY_TRACE_TEST_PACKETS_H_

// glibc's header comes before the kernel's, which then leave out what both define.
#include <arpa/inet.h>
#include <netinet/in.h>

#include <linux/if_arp.h>

#include <cstdint>
#include <utility>

#include "policy/trace/datagram.h"
#include "policy/trace/packet.h"

namespace firebreak::policy {

// Helpers with which tests describe packets in few words.

inline constexpr uint8_t kFin = 0x01, kSyn = 0x02, kRst = 0x04, kPsh = 0x08, kAck = 0x10,
                         kUrg = 0x20;

// Returns the bytes of "192.0.2.1" or "2001:db8::1", or an empty text if the text is not an
// address.
inline ruleset::Bytes Address(const char* text) {
  char bytes[16];
  if (inet_pton(AF_INET, text, bytes) == 1) return {bytes, 4};
  return inet_pton(AF_INET6, text, bytes) == 1 ? ruleset::Bytes(bytes, 16) : ruleset::Bytes();
}

inline datagram::Header From(const char* source, const char* destination, uint8_t protocol) {
  return {.source = Address(source),
          .destination = Address(destination),
          .protocol = protocol,
          .hops = protocol == IPPROTO_ICMPV6 ? uint8_t{255} : uint8_t{64}};
}

// Returns a datagram with right lengths and checksums.
inline ruleset::Bytes Datagram(const datagram::Header& header, ruleset::Bytes transport) {
  datagram::PutChecksum(header, transport);
  return datagram::MakeDatagram(header, transport);
}

// The interface eth0, at which the packets of tests come in.
inline constexpr uint32_t kEth0 = 2;
inline Packet::Device Eth0() { return {.index = kEth0, .name = "eth0", .type = ARPHRD_ETHER}; }

inline Packet Incoming(const datagram::Header& header, ruleset::Bytes transport) {
  Packet packet = ParsePacket(Datagram(header, std::move(transport)));
  packet.in = Eth0();
  return packet;
}

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_TEST_PACKETS_H_
