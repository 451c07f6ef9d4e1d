// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_TRACE_CONNTRACK_H_
#define FIREBREAK_POLICY_TRACE_CONNTRACK_H_

#include <cstdint>
#include <optional>
#include <string>

#include "policy/trace/host_state.h"
#include "policy/trace/packet.h"

namespace firebreak::policy {

// What connection tracking knows about a packet.
struct Tracking {
  uint32_t state = 0;  // NF_CT_STATE_BIT(…), NF_CT_STATE_INVALID_BIT or …_UNTRACKED_BIT
  // The packet's flow, or a new flow that begins with it; nullopt if it belongs to none.
  std::optional<Flow> flow;
  uint8_t direction = 0;  // IP_CT_DIR_*
  bool fresh = false;     // whether the flow begins with the packet
  std::string why;        // why an invalid packet is invalid
};

// Behaves like the kernel's nf_conntrack_in (net/netfilter/nf_conntrack_core.c and
// nf_conntrack_proto_*.c, 6.18), which depends on little more than the packet and the table of
// flows. Assumes that a TCP segment of a known flow lies in the window, and that the tag of an SCTP
// packet is right, because the kernel does not report windows, nor all that it knows about SCTP.
// `incoming` is false for packets that the host itself sends; their checksums do not matter.
Tracking Track(const Packet& packet, const HostState& host, bool incoming);

// Returns the tuple of the flow that the packet begins or belongs to, or nullopt if the packet's
// header is cut short.
std::optional<Tuple> TupleOf(const Packet& packet);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_CONNTRACK_H_
