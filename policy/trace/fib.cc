// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/fib.h"

// glibc's header comes before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <linux/if_arp.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

#include "policy/trace/addresses.h"

namespace firebreak::policy {
namespace {

using ruleset::Bytes;

Bytes HostNumber(uint32_t value) {
  return Bytes(reinterpret_cast<const char*>(&value), sizeof value);
}

std::optional<uint32_t> RouteTo(const HostState& host, const Bytes& address, uint32_t out) {
  return host.route ? host.route(address, out) : std::nullopt;
}

// Follows nft_fib6_eval_type.
uint32_t Ipv6Type(const HostState& host, const Bytes& address, uint32_t interface) {
  const uint8_t any = LocalType(host, address);
  if (interface != 0 && any == RTN_LOCAL && LocalType(host, address, interface) == RTN_LOCAL) {
    return RTN_LOCAL;
  }
  if (any == RTN_ANYCAST) return RTN_ANYCAST;
  if (any == RTN_LOCAL) return interface == 0 ? RTN_LOCAL : RTN_UNICAST;
  if (any == RTN_MULTICAST) return RTN_MULTICAST;
  if (!RouteTo(host, address, interface).has_value()) return RTN_UNREACHABLE;
  return IsUnspecified(address) ? RTN_UNSPEC : RTN_UNICAST;
}

uint32_t TypeOf(const HostState& host, const Packet& packet, const Bytes& address,
                uint32_t interface) {
  return packet.family == NFPROTO_IPV4 ? LocalType(host, address, interface)
                                       : Ipv6Type(host, address, interface);
}

// Returns the interface by which an answer to the address would leave; 0 if it would not leave, or
// if `interface` is not 0 and it would leave by another one (nft_fib4_eval, nft_fib6_eval).
uint32_t WayBack(const HostState& host, const Packet& packet, const Bytes& address,
                 uint32_t interface) {
  const Bytes source = SourceOf(packet), destination = DestinationOf(packet);
  const bool from_nowhere =
      IsUnspecified4(source) && (IsLimitedBroadcast(destination) || IsLocalMulticast4(destination));
  // Follows nft_fib_v6_skip_icmpv6, for example for duplicate address detection.
  const bool detects = packet.protocol == IPPROTO_ICMPV6 && packet.authentication.empty() &&
                       source == Bytes(16, '\0') &&
                       (IsLinkLocal6(destination) ||
                        (IsMulticast(destination) && (Octet(destination, 1) & 0xf) == 2));
  // Follows nft_fib_can_skip.
  const bool looped = packet.in.has_value() && packet.in->type == ARPHRD_LOOPBACK && !packet.out;
  if (packet.in.has_value() && (from_nowhere || detects || looped)) return packet.in->index;
  std::optional<uint32_t> out;
  const uint8_t type = LocalType(host, address);
  if (type == RTN_LOCAL || type == RTN_ANYCAST) return 0;
  if (type == RTN_BROADCAST) out = LocalInterface(host, address);
  // A link-local address leads to every link that has link-local addresses.
  if (!out.has_value()) out = RouteTo(host, address, IsLinkLocal6(address) ? interface : 0);
  return out.has_value() && (interface == 0 || *out == interface) ? *out : 0;
}

}  // namespace

std::optional<Bytes> AskFib(const ruleset::Fib& fib, const Packet& packet, const HostState& host) {
  if (packet.family != NFPROTO_IPV4 && packet.family != NFPROTO_IPV6) return std::nullopt;
  if (packet.network.size() < (packet.family == NFPROTO_IPV4 ? 20u : 40u)) return std::nullopt;
  const Bytes address =
      (fib.flags & NFTA_FIB_F_DADDR) != 0 ? DestinationOf(packet) : SourceOf(packet);
  uint32_t interface = 0;
  if ((fib.flags & NFTA_FIB_F_IIF) != 0 && packet.in.has_value()) interface = packet.in->index;
  if ((fib.flags & NFTA_FIB_F_OIF) != 0 && packet.out.has_value()) interface = packet.out->index;

  if (fib.result == NFT_FIB_RESULT_ADDRTYPE) {
    return HostNumber(TypeOf(host, packet, address, interface));
  }
  const uint32_t out = WayBack(host, packet, address, interface);
  if (fib.result == NFT_FIB_RESULT_OIF) {
    return HostNumber((fib.flags & NFTA_FIB_F_PRESENT) != 0 ? out != 0 : out);
  }
  if (fib.result != NFT_FIB_RESULT_OIFNAME) return std::nullopt;
  const HostState::Interface* found = host.Find(out);
  Bytes name = found == nullptr ? Bytes() : found->device.name;
  name.resize(16, '\0');
  return name;
}

}  // namespace firebreak::policy
