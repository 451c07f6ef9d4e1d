#ifndef FIREBREAK_POLICY_TRACE_ROUTING_H_
#define FIREBREAK_POLICY_TRACE_ROUTING_H_

#include <cstdint>
#include <optional>
#include <string>

#include "policy/trace/host_state.h"
#include "policy/trace/packet.h"

namespace firebreak::policy {

// Why IP refuses a packet that came in, before any rule sees it (ip_rcv, ip6_rcv); none: it does
// not.
std::optional<std::string> RefusedOnArrival(const Packet& packet);

// Where a packet goes that came in and passed prerouting (ip_route_input, ip6_route_input).
struct Routing {
  enum class To { kHost, kForward, kNowhere };
  To to = To::kNowhere;
  uint32_t out = 0;  // interface, of what is forwarded
  std::string why;   // of nowhere
};
Routing RouteIncoming(const Packet& packet, const HostState& host);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_ROUTING_H_
