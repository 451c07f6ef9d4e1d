// SPDX-License-Identifier: Apache-2.0
#include "agent/adopt/adopt_connections.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>
#include <set>
#include <vector>

#include "agent/kernel/conntrack/conntrack.h"
#include "agent/kernel/sockets/established_sockets.h"
#include "agent/kernel/sockets/listening_sockets.h"
#include "agent/location/first_packet.h"
#include "agent/trace/read_host_state.h"
#include "base/status/status.h"
#include "policy/trace/anybody.h"
#include "policy/trace/trace.h"

namespace firebreak::agent {
namespace {

FlowTuple Reverse(const FlowTuple& tuple) {
  return {.source = tuple.destination,
          .destination = tuple.source,
          .source_port = tuple.destination_port,
          .destination_port = tuple.source_port};
}

// If a socket listens at the local port, the connection counts as inbound.
Flow FlowOf(const EstablishedSocket& socket, bool inbound) {
  const FlowTuple outgoing = {.source = socket.local,
                              .destination = socket.remote,
                              .source_port = socket.local_port,
                              .destination_port = socket.remote_port};
  Flow flow;
  flow.family = socket.local.size() == 4 ? AF_INET : AF_INET6;
  flow.protocol = IPPROTO_TCP;
  flow.original = inbound ? Reverse(outgoing) : outgoing;
  flow.reply = Reverse(flow.original);
  return flow;
}

bool Admits(const ruleset::Ruleset& rules, const policy::HostState& host, const Flow& flow,
            bool inbound) {
  const std::optional<uint32_t> interface =
      inbound ? policy::LocalInterface(host, flow.original.destination)
              : host.route(flow.original.destination, 0);
  const policy::HostState::Interface* device =
      interface.has_value() ? host.Find(*interface) : nullptr;
  if (device == nullptr) return false;
  policy::Packet packet = FirstPacket(flow);
  (inbound ? packet.in : packet.out) = device->device;
  const auto verdict = policy::TraceOfAnybody(rules, host, packet).verdict;
  // kAnswer means that the kernel itself completes the handshake (SYN proxy); such a SYN is let in
  // too.
  return verdict == policy::Trace::Verdict::kAccept || verdict == policy::Trace::Verdict::kAnswer;
}

}  // namespace

absl::StatusOr<size_t> AdoptConnections(const ruleset::Ruleset& rules) {
  ASSIGN_OR_RETURN(const std::vector<EstablishedSocket> sockets,
                   ReadEstablishedSockets(kMaxAdopted));
  if (sockets.empty()) return 0;
  ASSIGN_OR_RETURN(const std::vector<ListeningSocket> listening, ReadListeningSockets());
  std::set<uint16_t> served;
  for (const ListeningSocket& socket : listening) {
    if (socket.protocol == IPPROTO_TCP) served.insert(socket.port);
  }
  ASSIGN_OR_RETURN(HostSockets host_sockets, HostSockets::Open());
  ASSIGN_OR_RETURN(policy::HostState host, ReadHostState(host_sockets));
  // Clears the host's flows, so that each connection is judged as if it began now.
  host.flow = [](const policy::Tuple&) { return std::nullopt; };
  host.checks_checksums = false;
  ASSIGN_OR_RETURN(Conntrack conntrack, Conntrack::Open());
  size_t adopted = 0;
  for (const EstablishedSocket& socket : sockets) {
    const bool inbound = served.contains(socket.local_port);
    const Flow flow = FlowOf(socket, inbound);
    if (!Admits(rules, host, flow, inbound)) continue;
    const absl::Status added = conntrack.AddEstablished(flow);
    if (added.ok()) ++adopted;
    if (!added.ok() && !absl::IsAlreadyExists(added)) return added;
  }
  return adopted;
}

}  // namespace firebreak::agent
