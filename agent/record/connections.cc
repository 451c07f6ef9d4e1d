// SPDX-License-Identifier: Apache-2.0
#include "agent/record/connections.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <netinet/in.h>

namespace firebreak::agent {
namespace {

using Kind = FlowEvents::Kind;

constexpr absl::string_view kUnanswered = "unanswered";
constexpr absl::string_view kRefused = "refused";

bool WasAnswered(const Flow& flow) { return (flow.status & IPS_SEEN_REPLY) != 0; }

}  // namespace

bool Connections::Recent::Add(uint32_t id) {
  if (!ids_.insert(id).second) return false;
  order_.push_back(id);
  if (order_.size() > kMaxKept) {
    ids_.erase(order_.front());
    order_.pop_front();
  }
  return true;
}

std::optional<FlowNews> Connections::Take(Kind kind, const Flow& flow) {
  if (flow.protocol == IPPROTO_TCP) return TakeTcp(kind, flow);
  if (kind == Kind::kEnded) {
    return FlowNews{.closed = true, .failure = WasAnswered(flow) ? "" : kUnanswered};
  }
  if (!WasAnswered(flow) || !opened_.Add(flow.id)) return std::nullopt;
  return FlowNews{};
}

// The kernel tells the state of a TCP flow only in events that change the state, and in the last
// one (nf_conntrack_proto_tcp.c, ctnetlink_conntrack_event).
std::optional<FlowNews> Connections::TakeTcp(Kind kind, const Flow& flow) {
  const uint8_t state = flow.tcp_state.value_or(TCP_CONNTRACK_NONE);
  // Set when the handshake is complete, and kept.
  const bool was_open = (flow.status & IPS_ASSURED) != 0;
  const bool is_over = state == TCP_CONNTRACK_TIME_WAIT || state == TCP_CONNTRACK_CLOSE;
  if (kind == Kind::kEnded) {
    if (!was_open) {
      return FlowNews{.closed = true,
                      .failure = state == TCP_CONNTRACK_CLOSE ? kRefused : kUnanswered};
    }
    // A flow that both ends have closed was reported when they closed it.
    if (is_over) return std::nullopt;
    return FlowNews{.closed = true};
  }
  if (!was_open) return std::nullopt;  // a failed attempt is reported when its entry ends
  if (state == TCP_CONNTRACK_ESTABLISHED) {
    return opened_.Add(flow.id) ? std::optional(FlowNews{}) : std::nullopt;
  }
  if (!is_over || !closed_.Add(flow.id)) return std::nullopt;
  return FlowNews{.closed = true};
}

}  // namespace firebreak::agent
