// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_NFLOG_PACKET_H_
#define FIREBREAK_AGENT_KERNEL_NFLOG_PACKET_H_

#include <span>

#include "proto/log/record.h"

namespace firebreak::agent {

// Fills `record` with the packet's addresses, protocol (behind IPv6 extension headers), ports,
// size, and TCP and ICMP fields. `bytes` begin at the IP header and may end anywhere, because the
// kernel delivers only the first bytes of a packet; fields beyond that, or in another fragment,
// stay unset. A packet that is not IP leaves the record without addresses.
void ReadPacket(std::span<const char> bytes, Record& record);

// Returns the IP packet in a frame logged at an interface, where the kernel delivers the whole
// frame: skips the Ethernet header and VLAN tags, if there are any. Empty if the frame carries no
// IP.
std::span<const char> BehindLink(std::span<const char> frame);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFLOG_PACKET_H_
