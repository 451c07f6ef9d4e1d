#ifndef FIREBREAK_AGENT_KERNEL_NFLOG_PACKET_H_
#define FIREBREAK_AGENT_KERNEL_NFLOG_PACKET_H_

#include <span>

#include "proto/log/record.h"

namespace firebreak::agent {

// What a record says of a packet: addresses, protocol (behind IPv6 extension headers), ports, size,
// and the fields of TCP and ICMP. `bytes` begin at the IP header and may end anywhere, as the
// kernel gives only the first of them; what is missing, or in another fragment, is left out of the
// record. A packet that is no IP leaves the record without addresses.
void ReadPacket(std::span<const char> bytes, Record& record);

// The IP packet in what was logged at an interface, where the kernel gives a frame as it is: behind
// the Ethernet header and tags in it, if the link has one. Without IP in it, nothing.
std::span<const char> BehindLink(std::span<const char> frame);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFLOG_PACKET_H_
