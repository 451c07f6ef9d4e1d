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
  ruleset::Bytes link;       // the frame's header; empty: there is none, or it is not known
  ruleset::Bytes network;    // from the IP header on
  ruleset::Bytes transport;  // from the header behind it on
  // IPv6: from an authentication header (RFC 4302) on, which rules take for the transport's, while
  // conntrack looks behind it. Empty: there is none.
  ruleset::Bytes authentication;
  std::optional<Device> in;   // none for what the host sends
  std::optional<Device> out;  // none for what it receives
  uint32_t state = 0;         // NF_CT_STATE_BIT of conntrack's state, or NF_CT_STATE_UNTRACKED_BIT

  bool protocol_known = true;    // false: the headers cannot be followed
  uint16_t fragment_offset = 0;  // in bytes; not 0: `transport` begins in the middle
  bool more_fragments = false;
  bool whole = true;               // all of the bytes that its headers speak of are there
  uint8_t addressed_to = 0;        // PACKET_HOST, PACKET_BROADCAST, …: by its link layer address
  bool checksum_verified = false;  // by the network device: the kernel does not look again
  bool routed = true;              // false: sent through a packet socket, past IP
  uint16_t ether_type = 0;         // ETH_P_*, host order; 0: as the family says

  // Whose socket sends it, by their numbers; none: no program's, or it is not known.
  std::optional<uint32_t> user;
  std::optional<uint32_t> user_group;
  // Numbers of the control groups that its socket is in, from the root's on; none: it is not known.
  std::vector<uint64_t> control_groups;

  std::optional<Flow> flow;    // none: conntrack has not seen it, or refuses to follow it
  uint8_t flow_direction = 0;  // IP_CT_DIR_*
};

// Follows the headers of an IP datagram, as the kernel's nft_set_pktinfo_ipv4 and _ipv6 do. A
// datagram that is not IP has no family.
Packet ParsePacket(ruleset::Bytes datagram);

// The header behind IP's as rules see it (nft_pktinfo); none: they do not. Where a fragment begins
// in the middle they know its protocol only.
struct RuleTransport {
  uint8_t protocol = 0;
  const ruleset::Bytes* header = nullptr;
};
std::optional<RuleTransport> TransportForRules(const Packet& packet);

// Whether an IPv6 packet has an extension header of the type, as ipv6_find_hdr looks for one.
bool HasExtension(const Packet& packet, uint8_t type);

ruleset::Bytes SourceOf(const Packet& packet);
ruleset::Bytes DestinationOf(const Packet& packet);

// Whether it is a part of a datagram only.
inline bool IsFragment(const Packet& packet) {
  return packet.fragment_offset != 0 || packet.more_fragments;
}

// Writes another address, and port if the protocol has any, into the packet. Checksums stay.
enum class Side { kSource, kDestination };
// What address translation makes of a flow's source or destination.
struct Translation {
  Side side = Side::kSource;
  ruleset::Bytes address;        // empty: as it is
  std::optional<uint16_t> port;  // none: as it is
};
void Rewrite(Side side, const ruleset::Bytes& address, std::optional<uint16_t> port,
             Packet& packet);

// Whether packets of the protocol begin with two ports that conntrack follows and NAT changes.
bool TracksPorts(uint8_t protocol);

// A number of the packet, in network order; 0 where it has ended.
uint16_t Read16(const ruleset::Bytes& bytes, size_t offset);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_PACKET_H_
