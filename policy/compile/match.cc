// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/match.h"

#include <arpa/inet.h>
#include <linux/if_arp.h>
#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace firebreak::policy {
namespace {

using namespace ruleset;  // the kernel's vocabulary

Bytes Number8(uint8_t value) { return Bytes(1, static_cast<char>(value)); }

// Returns the number in host order, as the kernel writes it into a register.
template <typename T>
Bytes HostNumber(T value) {
  return Bytes(reinterpret_cast<const char*>(&value), sizeof value);
}

Bytes NetworkNumber16(uint16_t value) { return HostNumber(htons(value)); }

constexpr uint32_t kNetwork = NFT_PAYLOAD_NETWORK_HEADER;
constexpr uint32_t kTransport = NFT_PAYLOAD_TRANSPORT_HEADER;
constexpr uint32_t kLink = NFT_PAYLOAD_LL_HEADER;

// Offsets in an Ethernet header (IEEE 802.3, 3.2) and the size of a VLAN tag (IEEE 802.1Q, 9.3).
constexpr uint32_t kMacBytes = 6, kFrameSource = 6, kFrameType = 12, kTagBytes = 4;

Match MetaEquals(uint32_t key, Bytes value) {
  return {Meta{key, 0}, Cmp{0, NFT_CMP_EQ, std::move(value)}};
}

Payload Remote(const Direction& direction, uint8_t family, Register to) {
  const bool ipv4 = family == NFPROTO_IPV4;
  return {kNetwork, ipv4 ? direction.remote_ipv4 : direction.remote_ipv6, ipv4 ? 4u : 16u, to};
}

// The flags of a TCP header (RFC 9293, 3.1).
constexpr uint32_t kFlagsOffset = 13;
constexpr uint8_t kFin = 0x01, kSyn = 0x02, kRst = 0x04, kAck = 0x10;

Match TcpFlags(uint8_t mask) {
  return IsProtocol(IPPROTO_TCP) +
         Match{Payload{kTransport, kFlagsOffset, 1, 0}, Bitwise{0, 0, Number8(mask), Number8(0)}};
}

Payload Source(uint8_t family, Register to) {
  const bool ipv4 = family == NFPROTO_IPV4;
  return {kNetwork, ipv4 ? kInbound.remote_ipv4 : kInbound.remote_ipv6, ipv4 ? 4u : 16u, to};
}

Match DestinationIsMulticast(uint8_t family, uint32_t compare) {
  const bool ipv4 = family == NFPROTO_IPV4;
  const uint32_t offset = ipv4 ? kOutbound.remote_ipv4 : kOutbound.remote_ipv6;
  return {Payload{kNetwork, offset, 1, 0}, Bitwise{0, 0, Number8(ipv4 ? 0xf0 : 0xff), Number8(0)},
          Cmp{0, compare, Number8(ipv4 ? 0xe0 : 0xff)}};
}

Match CompareState(uint32_t states, uint32_t compare) {
  return {Ct{NFT_CT_STATE, 0}, Bitwise{0, 0, HostNumber(states), HostNumber<uint32_t>(0)},
          Cmp{0, compare, HostNumber<uint32_t>(0)}};
}

}  // namespace

Match operator+(Match a, const Match& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const Direction kInbound = {.name = "in",
                            .interface_index = NFT_META_IIF,
                            .interface_name = NFT_META_IIFNAME,
                            .interface_type = NFT_META_IIFTYPE,
                            .remote_ipv4 = 12,
                            .remote_ipv6 = 8};
const Direction kOutbound = {.name = "out",
                             .interface_index = NFT_META_OIF,
                             .interface_name = NFT_META_OIFNAME,
                             .interface_type = NFT_META_OIFTYPE,
                             .remote_ipv4 = 16,
                             .remote_ipv6 = 24};

Match IsLoopback(const Direction& direction) {
  return MetaEquals(direction.interface_type, HostNumber<uint16_t>(ARPHRD_LOOPBACK));
}

Match IsInterfaceIn(const Direction& direction, const std::string& set) {
  return {Meta{direction.interface_index, 0}, Lookup{set, 0}};
}

Match IsState(uint32_t states) { return CompareState(states, NFT_CMP_NEQ); }

Match IsNotState(uint32_t states) { return CompareState(states, NFT_CMP_EQ); }

Match IsFamily(uint8_t family) { return MetaEquals(NFT_META_NFPROTO, Number8(family)); }

Match IsProtocol(uint8_t protocol) { return MetaEquals(NFT_META_L4PROTO, Number8(protocol)); }

Match IsNotProtocol(uint8_t protocol) {
  return {Meta{NFT_META_L4PROTO, 0}, Cmp{0, NFT_CMP_NEQ, Number8(protocol)}};
}

Match IsIcmpType(uint8_t protocol, uint8_t type) {
  const uint8_t family = protocol == IPPROTO_ICMP ? NFPROTO_IPV4 : NFPROTO_IPV6;
  return IsFamily(family) + IsProtocol(protocol) +
         Match{Payload{kTransport, 0, 1, 0}, Cmp{0, NFT_CMP_EQ, Number8(type)}};
}

Match IsIcmpCode(uint8_t code) {
  return {Payload{kTransport, 1, 1, 0}, Cmp{0, NFT_CMP_EQ, Number8(code)}};
}

Match IsNotIcmpCode(uint8_t code) {
  return {Payload{kTransport, 1, 1, 0}, Cmp{0, NFT_CMP_NEQ, Number8(code)}};
}

Match IsUdp(uint16_t source_port, uint16_t destination_port) {
  return IsProtocol(IPPROTO_UDP) +
         Match{
             Payload{kTransport, 0, 4, 0},
             Cmp{0, NFT_CMP_EQ, NetworkNumber16(source_port) + NetworkNumber16(destination_port)}};
}

Match IsDestinationLinkLocal() {
  const Bytes rest(14, '\0');
  return IsFamily(NFPROTO_IPV6) + Match{Payload{kNetwork, kOutbound.remote_ipv6, 16, 0},
                                        Bitwise{0, 0, Bytes("\xff\xc0") + rest, Bytes(16, '\0')},
                                        Cmp{0, NFT_CMP_EQ, Bytes("\xfe\x80") + rest}};
}

Match IsDestination(const std::string& address) {
  const uint8_t family = address.size() == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
  return IsFamily(family) + Match{Remote(kOutbound, family, 0), Cmp{0, NFT_CMP_EQ, address}};
}

Match IsTimeToLiveOne() {
  constexpr uint32_t kOffset = 8;  // RFC 791, 3.1
  return IsFamily(NFPROTO_IPV4) +
         Match{Payload{kNetwork, kOffset, 1, 0}, Cmp{0, NFT_CMP_EQ, Number8(1)}};
}

Match IsLoneSyn() {
  return TcpFlags(kFin | kSyn | kRst | kAck) + Match{Cmp{0, NFT_CMP_EQ, Number8(kSyn)}};
}

Match IsNotLoneSyn() {
  return TcpFlags(kFin | kSyn | kRst | kAck) + Match{Cmp{0, NFT_CMP_NEQ, Number8(kSyn)}};
}

Match IsLoneAck() {
  return TcpFlags(kFin | kSyn | kRst | kAck) + Match{Cmp{0, NFT_CMP_EQ, Number8(kAck)}};
}

Match IsSyn() { return TcpFlags(kSyn | kRst) + Match{Cmp{0, NFT_CMP_EQ, Number8(kSyn)}}; }

Match TcpFlagsNotIn(const std::string& set) {
  return IsProtocol(IPPROTO_TCP) + Match{Payload{kTransport, kFlagsOffset, 1, 0},
                                         Lookup{.set = set, .from = 0, .inverted = true}};
}

Match IsAddressType(uint32_t flags, uint32_t type) {
  return {Fib{flags, NFT_FIB_RESULT_ADDRTYPE, 0}, Cmp{0, NFT_CMP_EQ, HostNumber(type)}};
}

Match IsNotAddressType(uint32_t flags, uint32_t type) {
  return {Fib{flags, NFT_FIB_RESULT_ADDRTYPE, 0}, Cmp{0, NFT_CMP_NEQ, HostNumber(type)}};
}

Match HasNoWayBack() {
  return {Fib{NFTA_FIB_F_SADDR | NFTA_FIB_F_IIF, NFT_FIB_RESULT_OIF, 0},
          Cmp{0, NFT_CMP_EQ, HostNumber<uint32_t>(0)}};
}

Match IsSourceUnspecified(uint8_t family) {
  const Payload source = Source(family, 0);
  // Compares the network protocol, because at an interface's hook the family is neither IPv4 nor
  // IPv6.
  return IsNetworkProtocol(family == NFPROTO_IPV4 ? kEtherIpv4 : kEtherIpv6) +
         Match{source, Cmp{0, NFT_CMP_EQ, Bytes(source.length, '\0')}};
}

Match IsSourceIn(uint8_t family, const std::string& set) {
  return IsFamily(family) + Match{Source(family, 0), Lookup{set, 0}};
}

Match IsSourceLoopback(uint8_t family) {
  if (family == NFPROTO_IPV4) return IsNetworkProtocol(kEtherIpv4) + SourceBegins4(127, 0xff);
  return IsNetworkProtocol(kEtherIpv6) +
         Match{Source(family, 0), Cmp{0, NFT_CMP_EQ, Bytes(15, '\0') + '\x01'}};
}

Match SourceBegins(uint8_t family, const std::string& bytes, const std::string& mask) {
  Payload source = Source(family, 0);
  source.length = static_cast<uint32_t>(bytes.size());
  return IsFamily(family) +
         Match{source, Bitwise{0, 0, mask, Bytes(mask.size(), '\0')}, Cmp{0, NFT_CMP_EQ, bytes}};
}

Match SourceBegins4(uint8_t byte, uint8_t mask) {
  Payload source = Source(NFPROTO_IPV4, 0);
  source.length = 1;
  if (mask == 0xff) return {source, Cmp{0, NFT_CMP_EQ, Number8(byte)}};
  return {source, Bitwise{0, 0, Number8(mask), Number8(0)}, Cmp{0, NFT_CMP_EQ, Number8(byte)}};
}

Match AddressTypeIn(uint32_t flags, const std::string& set) {
  return {Fib{flags, NFT_FIB_RESULT_ADDRTYPE, 0}, Lookup{set, 0}};
}

Match IsMulticastDestination(uint8_t family) {
  return IsFamily(family) + DestinationIsMulticast(family, NFT_CMP_EQ);
}

Match IsNoMulticastDestination(uint8_t family) {
  return DestinationIsMulticast(family, NFT_CMP_NEQ);
}

Match IsInterface(uint32_t meta, const std::string& name) {
  return MetaEquals(meta, KeyInterfaceName(name));
}

Match IsInterfaceNamed(uint32_t meta, const std::string& set) {
  return {Meta{meta, 0}, Lookup{set, 0}};
}

Match HasStatus(uint32_t bits) {
  return {Ct{NFT_CT_STATUS, 0}, Bitwise{0, 0, HostNumber(bits), HostNumber<uint32_t>(0)},
          Cmp{0, NFT_CMP_NEQ, HostNumber<uint32_t>(0)}};
}

Match IsPortBetween(uint8_t protocol, uint16_t first, uint16_t last) {
  const Payload port = {kTransport, 2, 2, 0};
  if (first == 0 && last == 65535) return IsProtocol(protocol);
  if (first == last) {
    return IsProtocol(protocol) + Match{port, Cmp{0, NFT_CMP_EQ, NetworkNumber16(first)}};
  }
  return IsProtocol(protocol) + Match{port, Cmp{0, NFT_CMP_GTE, NetworkNumber16(first)},
                                      Cmp{0, NFT_CMP_LTE, NetworkNumber16(last)}};
}

Match LookUpInterface(const Direction& direction, const std::string& map) {
  return {Meta{direction.interface_name, 0}, Lookup{map, 0, /*verdict_map=*/true}};
}

Match LookUpProtocol(const std::string& map) {
  return {Meta{NFT_META_L4PROTO, 0}, Lookup{map, 0, /*verdict_map=*/true}};
}

Match OriginalPort() {
  return {Meta{NFT_META_L4PROTO, 0}, Ct{NFT_CT_PROTO_DST, 1, IP_CT_DIR_ORIGINAL}};
}

Match PortOf() { return {Meta{NFT_META_L4PROTO, 0}, Payload{kTransport, 2, 2, 1}}; }

Match PortAndSource(uint8_t family) {
  return IsFamily(family) + PortOf() + Match{Source(family, 2)};
}

Match ProtocolAndSource(uint8_t family) {
  return IsFamily(family) + Match{Meta{NFT_META_L4PROTO, 0}, Source(family, 1)};
}

Match LoadRemote(const Direction& direction, uint8_t family, Register to) {
  return {Remote(direction, family, to)};
}

Match IsRemoteIn(const Direction& direction, const std::string& address, int length) {
  const uint8_t family = address.size() == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
  Bytes mask(address.size(), '\0');
  for (int bit = 0; bit < length; ++bit) {
    mask[bit / 8] = static_cast<char>(mask[bit / 8] | (0x80 >> bit % 8));
  }
  return {Remote(direction, family, 0), Bitwise{0, 0, mask, Bytes(mask.size(), '\0')},
          Cmp{0, NFT_CMP_EQ, address}};
}

Match IsFrameOf(uint16_t type) {
  return {Payload{kLink, kFrameType, 2, 0}, Cmp{0, NFT_CMP_EQ, NetworkNumber16(type)}};
}

Match IsNetworkProtocol(uint16_t type) {
  return MetaEquals(NFT_META_PROTOCOL, NetworkNumber16(type));
}

Match IsNotNetworkProtocol(uint16_t type) {
  return {Meta{NFT_META_PROTOCOL, 0}, Cmp{0, NFT_CMP_NEQ, NetworkNumber16(type)}};
}

Match HasRoute() {
  return {Meta{NFT_META_RTCLASSID, 0}, Cmp{0, NFT_CMP_GTE, HostNumber<uint32_t>(0)}};
}

Match IsPassedOn() {
  return {Meta{NFT_META_PKTTYPE, 0}, Cmp{0, NFT_CMP_NEQ, Number8(PACKET_HOST)}};
}

// Matches any owner. The kernel gives no owner for a socket in another network namespace.
Match IsFromOwnSocket() {
  return {Meta{NFT_META_SKUID, 0}, Cmp{0, NFT_CMP_GTE, HostNumber<uint32_t>(0)}};
}

Match IsFrameFrom(const std::string& mac) {
  return {Payload{kLink, kFrameSource, kMacBytes, 0}, Cmp{0, NFT_CMP_EQ, mac}};
}

Match IsFrameTypeIn(const std::string& set) {
  return {Payload{kLink, kFrameType, 2, 0}, Lookup{set, 0}};
}

Match IsTaggedTypeIn(const std::string& set) {
  return {Payload{kLink, kFrameType + kTagBytes, 2, 0}, Lookup{set, 0}};
}

Match IsHiddenTypeIn(const std::string& set) {
  return {Payload{kNetwork, 2, 2, 0}, Lookup{set, 0}};
}

Match IsLinkControl(const std::string& bytes) {
  constexpr uint16_t kLongest = 1500;  // IEEE 802.3, 3.2.6: smaller values are lengths
  return {Payload{kLink, kFrameType, 2, 0}, Cmp{0, NFT_CMP_LTE, NetworkNumber16(kLongest)},
          Payload{kLink, kFrameType + 2, static_cast<uint32_t>(bytes.size()), 0},
          Cmp{0, NFT_CMP_EQ, bytes}};
}

Rule MakeRule(std::initializer_list<Match> matches) {
  Rule rule;
  for (const Match& match : matches) {
    rule.expressions.insert(rule.expressions.end(), match.begin(), match.end());
  }
  return rule;
}

Rule MakeRule(std::initializer_list<Match> matches, Verdict verdict) {
  Rule rule = MakeRule(matches);
  rule.expressions.push_back(Immediate{std::move(verdict)});
  return rule;
}

void Append(std::vector<Rule>& rules, std::vector<Rule> more) {
  std::move(more.begin(), more.end(), std::back_inserter(rules));
}

Verdict Accept() { return {.code = NF_ACCEPT}; }
Verdict Drop() { return {.code = NF_DROP}; }
Verdict GoTo(std::string chain) { return {.code = NFT_GOTO, .chain = std::move(chain)}; }

std::string KeyAddressType(uint32_t type) { return HostNumber(type); }

std::string Padded(std::string bytes) {
  bytes.resize((bytes.size() + 3) / 4 * 4, '\0');
  return bytes;
}

std::string KeyField(uint8_t value) { return {static_cast<char>(value), 0, 0, 0}; }

std::string KeyField(uint16_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff), 0, 0};
}

std::string KeyInterfaceName(const std::string& name) {
  std::string key = name;
  key.resize(Length(Field::kInterfaceName), '\0');
  return key;
}

}  // namespace firebreak::policy
