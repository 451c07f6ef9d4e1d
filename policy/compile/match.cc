#include "policy/compile/match.h"

#include <arpa/inet.h>
#include <linux/if_arp.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include <utility>

namespace firebreak::policy {
namespace {

using namespace ruleset;  // The kernel's vocabulary, all of it.

Bytes Number8(uint8_t value) { return Bytes(1, static_cast<char>(value)); }

// In host order: what the kernel itself writes into a register.
template <typename T>
Bytes HostNumber(T value) {
  return Bytes(reinterpret_cast<const char*>(&value), sizeof value);
}

Bytes NetworkNumber16(uint16_t value) { return HostNumber(htons(value)); }

constexpr uint32_t kNetwork = NFT_PAYLOAD_NETWORK_HEADER;
constexpr uint32_t kTransport = NFT_PAYLOAD_TRANSPORT_HEADER;

Match MetaEquals(uint32_t key, Bytes value) {
  return {Meta{key, 0}, Cmp{0, NFT_CMP_EQ, std::move(value)}};
}

Payload Remote(const Direction& direction, uint8_t family, Register to) {
  const bool ipv4 = family == NFPROTO_IPV4;
  return {kNetwork, ipv4 ? direction.remote_ipv4 : direction.remote_ipv6, ipv4 ? 4u : 16u, to};
}

Match operator+(Match a, const Match& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

const Direction kInbound = {.name = "in",
                            .chain = "input",
                            .hook = NF_INET_LOCAL_IN,
                            .interface_index = NFT_META_IIF,
                            .interface_name = NFT_META_IIFNAME,
                            .interface_type = NFT_META_IIFTYPE,
                            .remote_ipv4 = 12,
                            .remote_ipv6 = 8};
const Direction kOutbound = {.name = "out",
                             .chain = "output",
                             .hook = NF_INET_LOCAL_OUT,
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

Match IsState(uint32_t states) {
  return {Ct{NFT_CT_STATE, 0}, Bitwise{0, 0, HostNumber(states), HostNumber<uint32_t>(0)},
          Cmp{0, NFT_CMP_NEQ, HostNumber<uint32_t>(0)}};
}

Match IsFamily(uint8_t family) { return MetaEquals(NFT_META_NFPROTO, Number8(family)); }

Match IsProtocol(uint8_t protocol) { return MetaEquals(NFT_META_L4PROTO, Number8(protocol)); }

Match IsIcmpType(uint8_t protocol, uint8_t type) {
  const uint8_t family = protocol == IPPROTO_ICMP ? NFPROTO_IPV4 : NFPROTO_IPV6;
  return IsFamily(family) + IsProtocol(protocol) +
         Match{Payload{kTransport, 0, 1, 0}, Cmp{0, NFT_CMP_EQ, Number8(type)}};
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

Match IsSourceLinkLocal() {
  const Bytes rest(14, '\0');
  return IsFamily(NFPROTO_IPV6) + Match{Payload{kNetwork, 8, 16, 0},
                                        Bitwise{0, 0, Bytes("\xff\xc0") + rest, Bytes(16, '\0')},
                                        Cmp{0, NFT_CMP_EQ, Bytes("\xfe\x80") + rest}};
}

Match IsNotLoneSyn() {
  constexpr uint8_t kFin = 0x01, kSyn = 0x02, kRst = 0x04, kAck = 0x10;  // RFC 9293, 3.1
  constexpr uint32_t kFlagsOffset = 13;
  return IsProtocol(IPPROTO_TCP) +
         Match{Payload{kTransport, kFlagsOffset, 1, 0},
               Bitwise{0, 0, Number8(kFin | kSyn | kRst | kAck), Number8(0)},
               Cmp{0, NFT_CMP_NEQ, Number8(kSyn)}};
}

Match LookUpInterface(const Direction& direction, const std::string& map) {
  return {Meta{direction.interface_name, 0}, Lookup{map, 0, /*verdict_map=*/true}};
}

Match LookUpProtocol(const std::string& map) {
  return {Meta{NFT_META_L4PROTO, 0}, Lookup{map, 0, /*verdict_map=*/true}};
}

Match LookUpPort(const std::string& map) {
  return {Meta{NFT_META_L4PROTO, 0}, Payload{kTransport, 2, 2, 1},
          Lookup{map, 0, /*verdict_map=*/true}};
}

Match LookUpPortAndRemote(const Direction& direction, uint8_t family, const std::string& map) {
  return IsFamily(family) + Match{Meta{NFT_META_L4PROTO, 0}, Payload{kTransport, 2, 2, 1},
                                  Remote(direction, family, 2),
                                  Lookup{map, 0, /*verdict_map=*/true}};
}

Match LookUpRemote(const Direction& direction, uint8_t family, const std::string& map) {
  return IsFamily(family) + Match{Meta{NFT_META_L4PROTO, 0}, Remote(direction, family, 1),
                                  Lookup{map, 0, /*verdict_map=*/true}};
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

Verdict Accept() { return {.code = NF_ACCEPT}; }
Verdict Drop() { return {.code = NF_DROP}; }
Verdict GoTo(std::string chain) { return {.code = NFT_GOTO, .chain = std::move(chain)}; }

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
