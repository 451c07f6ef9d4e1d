// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/links/interface_type.h"

#include <linux/if_arp.h>

namespace firebreak::agent {
namespace {

constexpr struct {
  const char* kind;
  const char* type;
} kKinds[] = {
    {"bridge", "bridge"}, {"openvswitch", "bridge"}, {"wireguard", "vpn"},
    {"tun", "vpn"},       {"xfrm", "vpn"},           {"vti", "vpn"},
    {"vti6", "vpn"},      {"ovpn", "vpn"},           {"vlan", "vlan"},
    {"ppp", "ppp"},       {"gre", "tunnel"},         {"gretap", "tunnel"},
    {"ip6gre", "tunnel"}, {"ip6gretap", "tunnel"},   {"ipip", "tunnel"},
    {"sit", "tunnel"},    {"ip6tnl", "tunnel"},      {"vxlan", "tunnel"},
    {"geneve", "tunnel"}, {"l2tpeth", "tunnel"},
};

}  // namespace

absl::string_view InterfaceType(const LinkTraits& traits) {
  if (traits.hardware == ARPHRD_LOOPBACK) return "loopback";
  if (traits.wireless) return "wireless";
  for (const auto& entry : kKinds) {
    if (traits.kind == entry.kind) return entry.type;
  }
  // The host's end of a container's veth pair is a port of a bridge. The other end is the
  // container's own interface, and counts as Ethernet there.
  if (traits.kind == "veth" && traits.has_master) return "container";
  switch (traits.hardware) {
    case ARPHRD_ETHER: return "ethernet";
    case ARPHRD_PPP: return "ppp";
    case ARPHRD_NONE: return "vpn";
    case ARPHRD_TUNNEL:
    case ARPHRD_TUNNEL6:
    case ARPHRD_SIT:
    case ARPHRD_IPGRE:
    case ARPHRD_IP6GRE: return "tunnel";
    default: return "other";
  }
}

}  // namespace firebreak::agent
