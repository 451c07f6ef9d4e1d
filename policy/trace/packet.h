// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_TRACE_PACKET_H_
#define FIREBREAK_POLICY_TRACE_PACKET_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/ruleset/expression.h"
#include "policy/trace/flow.h"

namespace firebreak::policy {

// A packet as nf_tables sees it at a hook.
struct Packet {
  struct Device {
    uint32_t index = 0;
    std::string name;
    uint16_t type = 0;  // ARPHRD_*
  };

  uint8_t family = 0;        // NFPROTO_IPV4, NFPROTO_IPV6; 0 if it is neither
  uint8_t protocol = 0;      // IPPROTO_*, behind IPv6 extension headers
  ruleset::Bytes link;       // the frame's header; empty if absent or unknown
  ruleset::Bytes network;    // from the IP header on
  ruleset::Bytes transport;  // from the transport header on
  // IPv6: from an authentication header (RFC 4302) on, which rules take for the transport header
  // while conntrack looks behind it. Empty if there is none.
  ruleset::Bytes authentication;
  std::optional<Device> in;   // none if the host sends the packet
  std::optional<Device> out;  // none if the host receives the packet
  uint32_t state = 0;         // NF_CT_STATE_BIT of conntrack's state, or NF_CT_STATE_UNTRACKED_BIT

  bool protocol_known = true;    // false: the headers cannot be followed
  uint16_t fragment_offset = 0;  // in bytes; not 0: `transport` begins in the middle
  bool more_fragments = false;
  bool whole = true;               // all bytes that the headers announce are present
  uint8_t addressed_to = 0;        // PACKET_HOST, PACKET_BROADCAST, …: by link layer address
  bool checksum_verified = false;  // by the network device; the kernel does not check again
  bool routed = true;              // false: sent by a packet socket, bypassing IP
  uint32_t bound_to = 0;           // index of the interface that the socket is bound to, or 0
  uint16_t ether_type = 0;         // ETH_P_*, host order; 0: the family's

  // The owner of the sending socket, as numbers; none if no program sent it, or if it is not known.
  std::optional<uint32_t> user;
  std::optional<uint32_t> user_group;
  // Numbers of the socket's control groups, from the root down; empty if not known.
  std::vector<uint64_t> control_groups;

  std::optional<Flow> flow;    // none: conntrack has not seen it, or ignores it
  uint8_t flow_direction = 0;  // IP_CT_DIR_*
};

// Parses the headers of an IP datagram as the kernel's nft_set_pktinfo_ipv4 and _ipv6 do. The
// result has no family if the datagram is not IP.
Packet ParsePacket(ruleset::Bytes datagram);

// The transport header as rules see it (nft_pktinfo); none if they do not see it. In a fragment
// that begins in the middle, rules see only the protocol.
struct RuleTransport {
  uint8_t protocol = 0;
  const ruleset::Bytes* header = nullptr;
};
std::optional<RuleTransport> TransportForRules(const Packet& packet);

// Whether an IPv6 packet has an extension header of the type, as ipv6_find_hdr looks for one.
bool HasExtension(const Packet& packet, uint8_t type);

ruleset::Bytes SourceOf(const Packet& packet);
ruleset::Bytes DestinationOf(const Packet& packet);

// Whether the packet is only a part of a datagram.
inline bool IsFragment(const Packet& packet) {
  return packet.fragment_offset != 0 || packet.more_fragments;
}

// Writes another address, and another port if the protocol has ports, into the packet. Checksums
// are not updated.
enum class Side { kSource, kDestination };
// How address translation changes a flow's source or destination.
struct Translation {
  Side side = Side::kSource;
  ruleset::Bytes address;        // empty: unchanged
  std::optional<uint16_t> port;  // none: unchanged
};
void Rewrite(Side side, const ruleset::Bytes& address, std::optional<uint16_t> port,
             Packet& packet);

// Whether the protocol has ports that conntrack tracks and NAT changes.
bool TracksPorts(uint8_t protocol);

// Reads a number in network order; returns 0 beyond the end.
uint16_t Read16(const ruleset::Bytes& bytes, size_t offset);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_PACKET_H_
