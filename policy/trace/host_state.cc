// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/host_state.h"

#include <linux/rtnetlink.h>

#include "policy/trace/addresses.h"

namespace firebreak::policy {
namespace {

bool Covers(const HostState::LocalRoute& route, const ruleset::Bytes& address) {
  if (route.prefix.size() != address.size()) return false;
  const size_t whole = route.length / 8;
  if (whole > address.size() || route.prefix.compare(0, whole, address, 0, whole) != 0) {
    return false;
  }
  const unsigned bits = route.length % 8;
  return bits == 0 || ((route.prefix[whole] ^ address[whole]) & 0xff) >> (8 - bits) == 0;
}

const HostState::LocalRoute* FindLocal(const HostState& host, const ruleset::Bytes& address) {
  const HostState::LocalRoute* best = nullptr;
  for (const HostState::LocalRoute& route : host.local) {
    if (Covers(route, address) && (best == nullptr || route.length > best->length)) best = &route;
  }
  return best;
}

}  // namespace

const HostState::Interface* HostState::Find(uint32_t index) const {
  for (const Interface& interface : interfaces) {
    if (interface.device.index == index) return &interface;
  }
  return nullptr;
}

const HostState::Interface* HostState::Find(const std::string& name) const {
  for (const Interface& interface : interfaces) {
    if (interface.device.name == name) return &interface;
  }
  return nullptr;
}

uint8_t LocalType(const HostState& host, const ruleset::Bytes& address, uint32_t interface) {
  if (IsUnspecified4(address) || IsLimitedBroadcast(address)) return RTN_BROADCAST;
  if (IsMulticast(address)) return RTN_MULTICAST;
  const HostState::LocalRoute* route = FindLocal(host, address);
  if (route == nullptr || (interface != 0 && route->interface != interface)) return RTN_UNICAST;
  return route->type;
}

bool IsLocal(const HostState& host, const ruleset::Bytes& address) {
  return LocalType(host, address) == RTN_LOCAL;
}

std::optional<uint32_t> LocalInterface(const HostState& host, const ruleset::Bytes& address) {
  const HostState::LocalRoute* route = FindLocal(host, address);
  if (route == nullptr) return std::nullopt;
  return route->interface;
}

}  // namespace firebreak::policy
