// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_MATCH_H_
#define FIREBREAK_POLICY_COMPILE_MATCH_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "policy/ruleset/ruleset.h"

namespace firebreak::policy {

// Building blocks of our rules. Each is a sequence of expressions, encoded as `nft` would, that
// continues only for matching packets.
using Match = std::vector<ruleset::Expression>;

// The direction of packets, which determines which interface and which address are the remote
// side's.
struct Direction {
  const char* name;          // "in", "out": begins names of sets
  uint32_t interface_index;  // NFT_META_*
  uint32_t interface_name;
  uint32_t interface_type;
  uint32_t remote_ipv4;  // of the remote address in the IPv4 header
  uint32_t remote_ipv6;
};
extern const Direction kInbound;
extern const Direction kOutbound;

// Compares the type ARPHRD_LOOPBACK, which only the kernel gives, and not the name.
Match IsLoopback(const Direction& direction);
// The index of the packet's interface is in the set.
Match IsInterfaceIn(const Direction& direction, const std::string& set);
// Conntrack's state is one of `states` (NF_CT_STATE_BIT values, or'd).
Match IsState(uint32_t states);
Match IsNotState(uint32_t states);
Match IsFamily(uint8_t family);      // NFPROTO_IPV4, NFPROTO_IPV6
Match IsProtocol(uint8_t protocol);  // IPPROTO_*, behind IPv6 extension headers too
Match IsNotProtocol(uint8_t protocol);
Match IsIcmpType(uint8_t protocol, uint8_t type);
Match IsIcmpCode(uint8_t code);
Match IsNotIcmpCode(uint8_t code);
Match IsUdp(uint16_t source_port, uint16_t destination_port);
Match IsDestinationLinkLocal();                   // fe80::/10
Match IsDestination(const std::string& address);  // 4 or 16 bytes
// IPv4 with a TTL of 1: the packet comes from the link, or may not leave it.
Match IsTimeToLiveOne();
// SYN is the only one of the flags FIN, SYN, RST and ACK that is set; or the opposite.
Match IsLoneSyn();
Match IsNotLoneSyn();
// ACK is the only one of these flags that is set.
Match IsLoneAck();
// SYN is set and RST is not: the first segment of either direction.
Match IsSyn();
// The set does not contain the byte of TCP flags, CWR to FIN.
Match TcpFlagsNotIn(const std::string& set);

// The routing table gives the address the type RTN_*. `flags` choose the address and interface
// (NFTA_FIB_F_*).
Match IsAddressType(uint32_t flags, uint32_t type);
Match IsNotAddressType(uint32_t flags, uint32_t type);
// The route back to the source does not lead out by the interface that the packet came by.
Match HasNoWayBack();
Match IsSourceUnspecified(uint8_t family);
Match IsSourceIn(uint8_t family, const std::string& set);
// The source is in 127.0.0.0/8 or is ::1. Matches the network protocol, not the family.
Match IsSourceLoopback(uint8_t family);
// The source address, under the mask, equals these bytes at its beginning.
Match SourceBegins(uint8_t family, const std::string& bytes, const std::string& mask);
// The same for the first byte of an IPv4 address. Does not match the family.
Match SourceBegins4(uint8_t byte, uint8_t mask);
Match AddressTypeIn(uint32_t flags, const std::string& set);
Match IsMulticastDestination(uint8_t family);
Match IsNoMulticastDestination(uint8_t family);  // does not match the family
// The name of the packet's interface (NFT_META_IIFNAME, NFT_META_OIFNAME) is `name`, or is in the
// set.
Match IsInterface(uint32_t meta, const std::string& name);
Match IsInterfaceNamed(uint32_t meta, const std::string& set);
// The flow has any of the status bits (IPS_*).
Match HasStatus(uint32_t bits);
// The packet has this protocol, which must have ports, and its destination port is in the range.
Match IsPortBetween(uint8_t protocol, uint16_t first, uint16_t last);

// Looks up the verdict for the interface's name, or for the protocol, in the map.
Match LookUpInterface(const Direction& direction, const std::string& map);
Match LookUpProtocol(const std::string& map);

// Loads protocol and destination port of the flow's first packet, before its destination was
// changed, into the registers 0 and 1.
Match OriginalPort();
// Loads protocol and destination port of the packet itself into the registers 0 and 1.
Match PortOf();
Match PortAndSource(uint8_t family);      // and the source into the registers from 2 on
Match ProtocolAndSource(uint8_t family);  // protocol in register 0, source behind it

// Loads the remote address into the registers from `to` on; or matches it with a prefix of 4 or 16
// bytes.
Match LoadRemote(const Direction& direction, uint8_t family, ruleset::Register to);
Match IsRemoteIn(const Direction& direction, const std::string& address, int length);

// For the hook at an interface. IsFrameOf matches the type in the Ethernet header, which other
// links do not have. IsNetworkProtocol matches the type that the sending socket has declared
// (ETH_P_*). HasRoute matches packets that IP has routed.
inline constexpr uint16_t kEtherIpv4 = 0x0800, kEtherIpv6 = 0x86dd;
Match IsFrameOf(uint16_t type);
Match IsNetworkProtocol(uint16_t type);
Match IsNotNetworkProtocol(uint16_t type);
Match HasRoute();
// The packet was not addressed to this host's IP and only passes through, for example to a guest's
// tap on a bridge.
Match IsPassedOn();
// A program on this host sent the packet, from this network namespace.
Match IsFromOwnSocket();
Match IsFrameFrom(const std::string& mac);
// The set contains the type in the Ethernet header; the type behind one VLAN tag (IEEE 802.1Q); or
// the type behind a tag that the socket hides by putting it where the IP header belongs.
Match IsFrameTypeIn(const std::string& set);
Match IsTaggedTypeIn(const std::string& set);
Match IsHiddenTypeIn(const std::string& set);
// The frame has a length in place of a type (IEEE 802.2), and these bytes follow.
Match IsLinkControl(const std::string& bytes);

Match operator+(Match a, const Match& b);

ruleset::Rule MakeRule(std::initializer_list<Match> matches);
ruleset::Rule MakeRule(std::initializer_list<Match> matches, ruleset::Verdict verdict);

// Appends `more` to `rules`.
void Append(std::vector<ruleset::Rule>& rules, std::vector<ruleset::Rule> more);

ruleset::Verdict Accept();
ruleset::Verdict Drop();
ruleset::Verdict GoTo(std::string chain);

// Returns a field of a key: the value, numbers in network order, padded as in the kernel's
// registers.
std::string KeyField(uint8_t value);
std::string KeyField(uint16_t value);
std::string KeyInterfaceName(const std::string& name);
std::string KeyAddressType(uint32_t type);  // RTN_*
// Returns the bytes, padded with zeros to a multiple of four.
std::string Padded(std::string bytes);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_MATCH_H_
