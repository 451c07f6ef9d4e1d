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

// What beside the rules decides what happens to a packet, as a value: what a trace needs to know of
// the host. The initial values describe a host that knows no flow and routes nothing.
struct HostState {
  struct Interface {
    Packet::Device device;
    // Primary ones first, in the kernel's order. Network order.
    std::vector<ruleset::Bytes> addresses;
    // net.ipv4.conf.*, or'd with those of `all` where the kernel does.
    bool forwards4 = false;
    bool forwards6 = false;
    bool accepts_local = false;
    uint8_t reverse_path_filter = 0;  // 0: none, 1: strict, 2: loose
  };
  std::vector<Interface> interfaces;

  // A row of the table `local` of either family: what is for this host.
  struct LocalRoute {
    ruleset::Bytes prefix;
    uint8_t length = 0;      // bits
    uint8_t type = 0;        // RTN_LOCAL, RTN_BROADCAST, RTN_ANYCAST, RTN_MULTICAST
    uint32_t interface = 0;  // index
  };
  std::vector<LocalRoute> local;

  // Groups that the host listens to, by the interface's index.
  std::set<std::pair<uint32_t, ruleset::Bytes>> groups;

  // Where to a packet for an address that is not in `local`: the index of the interface, none if no
  // route leads there. `out` is the interface that it must leave by, or 0.
  std::function<std::optional<uint32_t>(const ruleset::Bytes& destination, uint32_t out)> route;

  // The flow of which this is either direction.
  std::function<std::optional<Flow>(const Tuple& tuple)> flow;
  // Whether a helper waits for a flow that begins like this.
  std::function<bool(const Tuple& tuple)> expected;

  // Another program's chain of address translation, which is no part of our tables: what it makes
  // of a packet that begins a flow.
  struct OthersChain {
    uint32_t hook = 0;     // NF_INET_PRE_ROUTING, NF_INET_POST_ROUTING
    int32_t priority = 0;  // other than that of any chain of ours at the hook
    std::function<std::optional<Translation>(const Packet& packet)> translate;
  };
  std::vector<OthersChain> others;

  // net.netfilter.*
  bool tcp_loose = false;
  bool checks_checksums = true;

  const Interface* Find(uint32_t index) const;
  const Interface* Find(const std::string& name) const;
};

// RTN_* of the address by the table `local` alone; of the interface with the index if it is not 0.
// RTN_UNICAST if the table does not know it.
uint8_t LocalType(const HostState& host, const ruleset::Bytes& address, uint32_t interface = 0);

// Whether the address is one of this host's own.
bool IsLocal(const HostState& host, const ruleset::Bytes& address);

// The index of the interface of that row; none: the table does not know the address.
std::optional<uint32_t> LocalInterface(const HostState& host, const ruleset::Bytes& address);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_HOST_STATE_H_
