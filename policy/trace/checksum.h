#ifndef FIREBREAK_POLICY_TRACE_CHECKSUM_H_
#define FIREBREAK_POLICY_TRACE_CHECKSUM_H_

#include <cstdint>

#include "policy/trace/packet.h"

namespace firebreak::policy {

// The one's complement sum (RFC 1071) of bytes; of an IPv4 header that is right it is 0xffff.
uint16_t HeaderSum(const ruleset::Bytes& header);

// The one's complement sum (RFC 1071) of the packet's `transport` and of the pseudo header that
// TCP, UDP and ICMPv6 put in front, which ICMP does not. 0xffff if a checksum among it is right.
uint16_t TransportSum(const Packet& packet);

// Of SCTP: CRC-32c (RFC 9260, A), as it stands in the header, with the header's own taken as zero.
uint32_t SctpChecksum(const ruleset::Bytes& transport);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_CHECKSUM_H_
