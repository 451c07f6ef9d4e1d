// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_TRACE_ROUTING_H_
#define FIREBREAK_POLICY_TRACE_ROUTING_H_

#include <cstdint>
#include <optional>
#include <string>

#include "policy/trace/host_state.h"
#include "policy/trace/packet.h"

namespace firebreak::policy {

// Returns why IP refuses an incoming packet before any rule sees it (ip_rcv, ip6_rcv), or nullopt
// if IP does not refuse it.
std::optional<std::string> RefusedOnArrival(const Packet& packet);

// The destination of an incoming packet that has passed prerouting (ip_route_input,
// ip6_route_input).
struct Routing {
  enum class To { kHost, kForward, kNowhere };
  To to = To::kNowhere;
  uint32_t out = 0;  // the interface, if the packet is forwarded
  std::string why;   // the reason, if the packet goes nowhere
};
Routing RouteIncoming(const Packet& packet, const HostState& host);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_ROUTING_H_
