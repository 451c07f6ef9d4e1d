// SPDX-License-Identifier: Apache-2.0
#include "agent/trace/traced_flow.h"

// glibc's headers come before the kernel's, which then leave out what both define.
#include <netinet/in.h>
#include <sys/socket.h>

#include <linux/netfilter.h>

namespace firebreak::agent {
namespace {

bool IsIcmp(uint8_t protocol) { return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6; }

policy::Tuple TracedTuple(const Flow& flow, const FlowTuple& tuple) {
  return {.family = static_cast<uint8_t>(flow.family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6),
          .source = tuple.source,
          .destination = tuple.destination,
          .protocol = flow.protocol,
          .source_port = IsIcmp(flow.protocol) ? tuple.icmp_id : tuple.source_port,
          .destination_port = tuple.destination_port,
          .icmp_type = tuple.icmp_type,
          .icmp_code = tuple.icmp_code};
}

}  // namespace

policy::Flow TracedFlow(const Flow& flow) {
  return {.original = TracedTuple(flow, flow.original),
          .reply = TracedTuple(flow, flow.reply),
          .status = flow.status,
          .tcp_state = flow.tcp_state.value_or(0),
          .tcp_flags = {flow.tcp_flags_original, flow.tcp_flags_reply}};
}

absl::StatusOr<std::optional<policy::Flow>> FindFlow(Conntrack& conntrack,
                                                     const policy::Tuple& tuple) {
  Flow wanted;
  wanted.family = tuple.family == NFPROTO_IPV4 ? AF_INET : AF_INET6;
  wanted.protocol = tuple.protocol;
  wanted.original.source = tuple.source;
  wanted.original.destination = tuple.destination;
  wanted.original.destination_port = tuple.destination_port;
  wanted.original.icmp_type = tuple.icmp_type;
  wanted.original.icmp_code = tuple.icmp_code;
  (IsIcmp(tuple.protocol) ? wanted.original.icmp_id : wanted.original.source_port) =
      tuple.source_port;
  const absl::StatusOr<Flow> found = conntrack.Get(wanted);
  if (found.ok()) return TracedFlow(*found);
  // Some tuples, such as those of most ICMP types, cannot belong to a flow.
  if (absl::IsNotFound(found.status()) || absl::IsInvalidArgument(found.status())) {
    return std::nullopt;
  }
  return found.status();
}

}  // namespace firebreak::agent
