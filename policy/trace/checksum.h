// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_TRACE_CHECKSUM_H_
#define FIREBREAK_POLICY_TRACE_CHECKSUM_H_

#include <cstdint>

#include "policy/trace/packet.h"

namespace firebreak::policy {

// Returns the one's complement sum (RFC 1071) of the bytes; for a correct IPv4 header it is 0xffff.
uint16_t HeaderSum(const ruleset::Bytes& header);

// Returns the one's complement sum (RFC 1071) of the packet's `transport` and of the pseudo header,
// which TCP, UDP and ICMPv6 include and ICMP does not. The sum is 0xffff if the checksum in
// `transport` is right.
uint16_t TransportSum(const Packet& packet);

// Returns the checksum of SCTP, CRC-32c (RFC 9260, A), in the header's byte order. The header's own
// checksum counts as zero.
uint32_t SctpChecksum(const ruleset::Bytes& transport);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_CHECKSUM_H_
