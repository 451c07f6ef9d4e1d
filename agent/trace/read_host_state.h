#ifndef FIREBREAK_AGENT_TRACE_READ_HOST_STATE_H_
#define FIREBREAK_AGENT_TRACE_READ_HOST_STATE_H_

#include "absl/status/statusor.h"
#include "agent/kernel/conntrack/conntrack.h"
#include "agent/kernel/links/links.h"
#include "agent/kernel/routes/routes.h"
#include "policy/trace/host_state.h"

namespace firebreak::agent {

// What the state of a host is read through.
//
// Threading: one thread at a time. Works in the network namespace in which it was opened.
struct HostSockets {
  Links links;
  Routes routes;
  Conntrack conntrack;

  static absl::StatusOr<HostSockets> Open();
};

// What a trace needs to know of this host, read from the kernel.
//
// The state asks the kernel again for every route and every flow, so the sockets must outlive it
// where they are, and belong to its thread. What cannot be asked is taken for not there.
absl::StatusOr<policy::HostState> ReadHostState(HostSockets& sockets);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_TRACE_READ_HOST_STATE_H_
