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
  const char* name;          // "in", "out": in front of the names of chains and sets
  const char* chain;         // the base chain
  uint32_t hook;             // NF_INET_*
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
Match IsFamily(uint8_t family);      // NFPROTO_IPV4, NFPROTO_IPV6
Match IsProtocol(uint8_t protocol);  // IPPROTO_*, behind IPv6 extension headers too
Match IsIcmpType(uint8_t protocol, uint8_t type);
Match IsNotIcmpCode(uint8_t code);
Match IsUdp(uint16_t source_port, uint16_t destination_port);
Match IsSourceLinkLocal();  // fe80::/10
// Of FIN, SYN, RST and ACK, not exactly SYN is set.
Match IsNotLoneSyn();

// The verdict that the map has for: the interface's name; protocol; protocol and destination port;
// these and the remote address; protocol and remote address.
Match LookUpInterface(const Direction& direction, const std::string& map);
Match LookUpProtocol(const std::string& map);
Match LookUpPort(const std::string& map);
Match LookUpPortAndRemote(const Direction& direction, uint8_t family, const std::string& map);
Match LookUpRemote(const Direction& direction, uint8_t family, const std::string& map);

ruleset::Rule MakeRule(std::initializer_list<Match> matches);
ruleset::Rule MakeRule(std::initializer_list<Match> matches, ruleset::Verdict verdict);

ruleset::Verdict Accept();
ruleset::Verdict Drop();
ruleset::Verdict GoTo(std::string chain);

// A field of a key: the value, in network order for numbers, padded as the kernel's registers are.
std::string KeyField(uint8_t value);
std::string KeyField(uint16_t value);
std::string KeyInterfaceName(const std::string& name);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_MATCH_H_
