// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/routing.h"

// glibc's headers come before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <linux/if_arp.h>
#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <linux/rtnetlink.h>

#include <algorithm>

#include "policy/trace/addresses.h"

namespace firebreak::policy {
namespace {

using ruleset::Bytes;

Routing Nowhere(const char* why) { return {.to = Routing::To::kNowhere, .why = why}; }

bool IsIpv4Packet(const Packet& packet) { return packet.family == NFPROTO_IPV4; }

uint8_t HopsLeft(const Packet& packet) {
  return static_cast<uint8_t>(packet.network[IsIpv4Packet(packet) ? 8 : 7]);
}

// Follows fib_validate_source.
bool IsSourceCredible(const Packet& packet, const HostState& host, const HostState::Interface& in) {
  const Bytes source = SourceOf(packet);
  const uint8_t type = LocalType(host, source);
  if (type == RTN_LOCAL && !in.accepts_local) return false;
  if (in.reverse_path_filter == 0) return true;
  std::optional<uint32_t> back;
  if (type == RTN_LOCAL) back = LocalInterface(host, source);
  if (type == RTN_UNICAST && host.route) back = host.route(source, 0);
  if (!back.has_value()) return false;
  // The loose mode has no effect at an interface without an address.
  return *back == in.device.index ||
         (in.reverse_path_filter == 2 &&
          std::any_of(in.addresses.begin(), in.addresses.end(), IsIpv4));
}

Routing Forward(const Packet& packet, const HostState& host, bool enabled) {
  if (!enabled) return Nowhere("it is for another host, and this one forwards nothing");
  if (packet.addressed_to != PACKET_HOST) return Nowhere("it is for another host");
  const Bytes destination = DestinationOf(packet);
  const uint32_t link = IsLinkLocal6(destination) ? packet.in->index : 0;
  const std::optional<uint32_t> out = host.route ? host.route(destination, link) : std::nullopt;
  if (!out.has_value()) return Nowhere("no route leads to its destination");
  if (HopsLeft(packet) <= 1) return Nowhere("it has no hops left");
  return {.to = Routing::To::kForward, .out = *out};
}

bool IsMember(const Packet& packet, const HostState& host) {
  return host.groups.contains({packet.in->index, DestinationOf(packet)});
}

Routing RouteIpv4(const Packet& packet, const HostState& host, const HostState::Interface& in) {
  const Bytes source = SourceOf(packet), destination = DestinationOf(packet);
  constexpr char kMartianSource[] = "its source is impossible";
  if (IsMulticast(destination)) {
    if (!IsMember(packet, host)) return Nowhere("this host listens to no such multicast group");
    if (IsMulticast(source) || IsLimitedBroadcast(source) || IsLoopbackAddress(source)) {
      return Nowhere(kMartianSource);
    }
    if (IsUnspecified4(source)) {
      if (!IsLocalMulticast4(destination) && packet.protocol != IPPROTO_IGMP) {
        return Nowhere(kMartianSource);
      }
    } else if (!IsSourceCredible(packet, host, in)) {
      return Nowhere(kMartianSource);
    }
    return {.to = Routing::To::kHost};
  }
  if (IsMulticast(source) || IsLimitedBroadcast(source)) return Nowhere(kMartianSource);
  const bool broadcast = IsLimitedBroadcast(destination) ||
                         (IsUnspecified(source) && IsUnspecified(destination)) ||
                         LocalType(host, destination) == RTN_BROADCAST;
  if (!IsLimitedBroadcast(destination) && !(IsUnspecified(source) && IsUnspecified(destination))) {
    if (IsUnspecified4(source)) return Nowhere(kMartianSource);
    if (IsUnspecified4(destination)) return Nowhere("its destination is impossible");
    if (IsLoopbackAddress(destination) || IsLoopbackAddress(source)) {
      return Nowhere("a loopback address has come in from outside");
    }
  }
  if (broadcast) {
    if (!IsUnspecified(source) && !IsSourceCredible(packet, host, in)) {
      return Nowhere(kMartianSource);
    }
    return {.to = Routing::To::kHost};
  }
  if (IsLocal(host, destination)) {
    if (!IsSourceCredible(packet, host, in)) return Nowhere(kMartianSource);
    return {.to = Routing::To::kHost};
  }
  const Routing routing = Forward(packet, host, in.forwards4);
  if (routing.to == Routing::To::kForward && !IsSourceCredible(packet, host, in)) {
    return Nowhere(kMartianSource);
  }
  return routing;
}

Routing RouteIpv6(const Packet& packet, const HostState& host, const HostState::Interface& in) {
  const Bytes source = SourceOf(packet), destination = DestinationOf(packet);
  if (IsMulticast(destination)) {
    if (IsMember(packet, host)) return {.to = Routing::To::kHost};
    return Nowhere("this host listens to no such multicast group");
  }
  const uint32_t on = IsLinkLocal6(destination) ? in.device.index : 0;
  const uint8_t type = LocalType(host, destination, on);
  if (type == RTN_LOCAL || type == RTN_ANYCAST) return {.to = Routing::To::kHost};
  const Routing routing = Forward(packet, host, in.forwards6);
  // The source is not checked if the packet goes back by the interface that it came from.
  if (routing.to != Routing::To::kForward || routing.out == in.device.index) return routing;
  if (IsUnspecified(source) || IsMulticast(source) || IsLoopbackAddress(source) ||
      IsLinkLocal6(source)) {
    return Nowhere("its source is an address of the link only");
  }
  return routing;
}

}  // namespace

std::optional<std::string> RefusedOnArrival(const Packet& packet) {
  if (packet.addressed_to == PACKET_OTHERHOST) return "its frame is for another host";
  if (!packet.whole) return "it is cut short";
  if (IsIpv4Packet(packet)) return std::nullopt;
  const Bytes source = SourceOf(packet), destination = DestinationOf(packet);
  const bool looped = packet.in->type == ARPHRD_LOOPBACK;
  if (!looped && (IsLoopbackAddress(source) || IsLoopbackAddress(destination))) {
    return "a loopback address has come in from outside";
  }
  if (IsMulticast(source)) return "its source is impossible";
  const int scope = IsMulticast(destination) ? Octet(destination, 1) & 0xf : 0xf;
  if (scope == 0 || (scope == 1 && !looped)) return "its multicast group must not leave a host";
  return std::nullopt;
}

Routing RouteIncoming(const Packet& packet, const HostState& host) {
  const HostState::Interface* in = host.Find(packet.in->index);
  if (in == nullptr) return Nowhere("the interface is not there");
  // A packet that this host sends to itself has the host's own addresses.
  if (in->device.type == ARPHRD_LOOPBACK) return {.to = Routing::To::kHost};
  return IsIpv4Packet(packet) ? RouteIpv4(packet, host, *in) : RouteIpv6(packet, host, *in);
}

}  // namespace firebreak::policy
