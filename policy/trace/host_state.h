// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_TRACE_HOST_STATE_H_
#define FIREBREAK_POLICY_TRACE_HOST_STATE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "policy/trace/flow.h"
#include "policy/trace/packet.h"

namespace firebreak::policy {

// Everything besides the rules that decides what happens to a packet: the host's state as far as a
// trace needs it. A value. The initial values describe a host without flows and routes.
struct HostState {
  struct Interface {
    Packet::Device device;
    // In network order; primary addresses first, in the kernel's order.
    std::vector<ruleset::Bytes> addresses;
    // The values of net.ipv4.conf.*, combined with `all` as the kernel combines them.
    bool forwards4 = false;
    bool forwards6 = false;
    bool accepts_local = false;
    uint8_t reverse_path_filter = 0;  // 0: none, 1: strict, 2: loose
  };
  std::vector<Interface> interfaces;

  // A row of the routing table `local` of either family, which lists the host's own addresses.
  struct LocalRoute {
    ruleset::Bytes prefix;
    uint8_t length = 0;      // bits
    uint8_t type = 0;        // RTN_LOCAL, RTN_BROADCAST, RTN_ANYCAST, RTN_MULTICAST
    uint32_t interface = 0;  // index
  };
  std::vector<LocalRoute> local;

  // Multicast groups that the host listens to, by interface index.
  std::set<std::pair<uint32_t, ruleset::Bytes>> groups;

  // Returns the index of the interface that leads to an address which is not in `local`; none if
  // there is no route. If `out` is not 0, the packet must leave by that interface.
  std::function<std::optional<uint32_t>(const ruleset::Bytes& destination, uint32_t out)> route;

  // Returns the flow of which `tuple` is either direction.
  std::function<std::optional<Flow>(const Tuple& tuple)> flow;
  // Whether a conntrack helper expects a flow that begins with this tuple.
  std::function<bool(const Tuple& tuple)> expected;

  // A chain of another program that translates addresses, and so is not in our tables. `translate`
  // returns what the chain does to the first packet of a flow.
  struct OthersChain {
    uint32_t hook = 0;     // NF_INET_PRE_ROUTING, NF_INET_POST_ROUTING
    int32_t priority = 0;  // differs from our chains at the hook
    std::function<std::optional<Translation>(const Packet& packet)> translate;
  };
  std::vector<OthersChain> others;

  // net.netfilter.*
  bool tcp_loose = false;
  bool checks_checksums = true;

  const Interface* Find(uint32_t index) const;
  const Interface* Find(const std::string& name) const;
};

// Returns the type (RTN_*) of the address in the table `local`, restricted to one interface's rows
// if `interface` is not 0. Returns RTN_UNICAST if the table does not have the address.
uint8_t LocalType(const HostState& host, const ruleset::Bytes& address, uint32_t interface = 0);

// Whether the address is the host's own.
bool IsLocal(const HostState& host, const ruleset::Bytes& address);

// Returns the index of the interface of the address's row; none if the table does not have the
// address.
std::optional<uint32_t> LocalInterface(const HostState& host, const ruleset::Bytes& address);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_HOST_STATE_H_
