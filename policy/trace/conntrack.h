#ifndef FIREBREAK_POLICY_TRACE_CONNTRACK_H_
#define FIREBREAK_POLICY_TRACE_CONNTRACK_H_

#include <cstdint>
#include <optional>
#include <string>

#include "policy/trace/host_state.h"
#include "policy/trace/packet.h"

namespace firebreak::policy {

// What connection tracking says of a packet.
struct Tracking {
  uint32_t state = 0;        // NF_CT_STATE_BIT(…), NF_CT_STATE_INVALID_BIT or …_UNTRACKED_BIT
  std::optional<Flow> flow;  // the packet's, a fresh one of a new flow; none: it belongs to none
  uint8_t direction = 0;     // IP_CT_DIR_*
  bool fresh = false;        // the flow begins with the packet
  std::string why;           // of an invalid one, in words
};

// As nf_conntrack_in of the kernel (net/netfilter/nf_conntrack_core.c and nf_conntrack_proto_*.c,
// 6.18) does, which looks at the packet, the table of flows and little else. Of a TCP segment that
// belongs to a flow it is taken for granted that it lies in the window, of an SCTP packet that its
// tag is the flow's: the kernel does not tell windows, nor all that it knows of SCTP. `incoming` is
// false for what the host itself sends; then checksums do not matter.
Tracking Track(const Packet& packet, const HostState& host, bool incoming);

// Of the flow that the packet begins or belongs to. None if it has none: its header is cut short.
std::optional<Tuple> TupleOf(const Packet& packet);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_CONNTRACK_H_
