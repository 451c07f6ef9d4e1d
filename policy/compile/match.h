// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_MATCH_H_
#define FIREBREAK_POLICY_COMPILE_MATCH_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "policy/ruleset/ruleset.h"

namespace firebreak::policy {

// The words of which our rules are made: each is a run of expressions that lets matching packets
// go on to the next, as `nft` would encode it.
using Match = std::vector<ruleset::Expression>;

// Which way packets go: what stands on the host's side of an interface, and what on the other.
struct Direction {
  const char* name;          // "in", "out": in front of the names of sets
  uint32_t interface_index;  // NFT_META_*
  uint32_t interface_name;
  uint32_t interface_type;
  uint32_t remote_ipv4;  // offset of the remote address in the network header
  uint32_t remote_ipv6;
};
extern const Direction kInbound;
extern const Direction kOutbound;

// ARPHRD_LOOPBACK, by type and not by name: only the kernel makes one.
Match IsLoopback(const Direction& direction);
// The interface's index is in the set.
Match IsInterfaceIn(const Direction& direction, const std::string& set);
// Conntrack has any of the states (NF_CT_STATE_BIT values, or'd).
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
// IPv4's, of what nobody has sent on and nobody may send on.
Match IsTimeToLiveOne();
// SYN is the only one of FIN, SYN, RST and ACK that is set; or that is not so.
Match IsLoneSyn();
Match IsNotLoneSyn();
// The same of ACK.
Match IsLoneAck();
// SYN is set and RST is not: the first segment either way.
Match IsSyn();
// The whole byte of TCP's flags, CWR to FIN, is no element of the set.
Match TcpFlagsNotIn(const std::string& set);

// What the routing table says of an address (RTN_*): `flags` choose which (NFTA_FIB_F_*).
Match IsAddressType(uint32_t flags, uint32_t type);
Match IsNotAddressType(uint32_t flags, uint32_t type);
// The way back to the source does not lead through the interface that the packet came by.
Match HasNoWayBack();
Match IsSourceUnspecified(uint8_t family);
Match IsSourceIn(uint8_t family, const std::string& set);
// 127.0.0.0/8, ::1. Looks at the network protocol, not at the family.
Match IsSourceLoopback(uint8_t family);
// The source address begins with these bytes, under the mask.
Match SourceBegins(uint8_t family, const std::string& bytes, const std::string& mask);
// The same of the first byte of an IPv4 address, without a look at the family.
Match SourceBegins4(uint8_t byte, uint8_t mask);
Match AddressTypeIn(uint32_t flags, const std::string& set);
Match IsMulticastDestination(uint8_t family);
Match IsNoMulticastDestination(uint8_t family);  // does not look at the family itself
// An interface's name (NFT_META_IIFNAME, NFT_META_OIFNAME), or one of a set of names.
Match IsInterface(uint32_t meta, const std::string& name);
Match IsInterfaceNamed(uint32_t meta, const std::string& set);
// Conntrack has set any of the bits (IPS_*) for the flow.
Match HasStatus(uint32_t bits);
// The destination port, of a protocol that has ports.
Match IsPortBetween(uint8_t protocol, uint16_t first, uint16_t last);

// The verdict that the map has for: the interface's name; the protocol.
Match LookUpInterface(const Direction& direction, const std::string& map);
Match LookUpProtocol(const std::string& map);

// Loads what a flow's first packet looked like before its destination was changed: protocol and
// destination port, into the registers 0 and 1.
Match OriginalPort();
// The same of the packet as it is now.
Match PortOf();
Match PortAndSource(uint8_t family);      // the source in those from 2 on
Match ProtocolAndSource(uint8_t family);  // the source behind the protocol in register 0

// The remote address, into registers from `to` on; that it is within a prefix of 4 or 16 bytes.
Match LoadRemote(const Direction& direction, uint8_t family, ruleset::Register to);
Match IsRemoteIn(const Direction& direction, const std::string& address, int length);

// At an interface: the type in the Ethernet header, which other links do not have; what the socket
// says (ETH_P_*); whether IP has chosen a route for the packet.
inline constexpr uint16_t kEtherIpv4 = 0x0800, kEtherIpv6 = 0x86dd;
Match IsFrameOf(uint16_t type);
Match IsNetworkProtocol(uint16_t type);
Match IsNotNetworkProtocol(uint16_t type);
Match HasRoute();
// Nobody sent it to this host, which passes it on past IP: for a guest behind a tap, on a bridge.
Match IsPassedOn();
// A program of this host has sent it; one in a namespace of its own has not.
Match IsFromOwnSocket();
Match IsFrameFrom(const std::string& mac);
// The type in the Ethernet header is in the set; the one behind one tag (IEEE 802.1Q) is; the one
// behind a tag that the socket hides, so that the tag stands where the IP header would.
Match IsFrameTypeIn(const std::string& set);
Match IsTaggedTypeIn(const std::string& set);
Match IsHiddenTypeIn(const std::string& set);
// Behind a length in the place of a type (IEEE 802.2): these bytes.
Match IsLinkControl(const std::string& bytes);

Match operator+(Match a, const Match& b);

ruleset::Rule MakeRule(std::initializer_list<Match> matches);
ruleset::Rule MakeRule(std::initializer_list<Match> matches, ruleset::Verdict verdict);

// `more` behind `rules`.
void Append(std::vector<ruleset::Rule>& rules, std::vector<ruleset::Rule> more);

ruleset::Verdict Accept();
ruleset::Verdict Drop();
ruleset::Verdict GoTo(std::string chain);

// A field of a key: the value, in network order for numbers, padded as the kernel's registers are.
std::string KeyField(uint8_t value);
std::string KeyField(uint16_t value);
std::string KeyInterfaceName(const std::string& name);
std::string KeyAddressType(uint32_t type);  // RTN_*
// The same bytes, padded with zeros to a multiple of four.
std::string Padded(std::string bytes);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_MATCH_H_
