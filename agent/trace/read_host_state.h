// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_TRACE_READ_HOST_STATE_H_
#define FIREBREAK_AGENT_TRACE_READ_HOST_STATE_H_

#include "absl/status/statusor.h"
#include "agent/kernel/conntrack/conntrack.h"
#include "agent/kernel/links/links.h"
#include "agent/kernel/routes/routes.h"
#include "policy/trace/host_state.h"

namespace firebreak::agent {

// The sockets through which the state of a host is read.
struct HostSockets {
  Links links;
  Routes routes;
  Conntrack conntrack;

  static absl::StatusOr<HostSockets> Open();
};

// Reads the state of this host that a trace needs from the kernel.
//
// The returned state asks the kernel for every route and every flow, so the sockets must outlive
// it, must not be moved, and must be used on the state's thread only. A route or flow that cannot
// be asked for counts as missing.
absl::StatusOr<policy::HostState> ReadHostState(HostSockets& sockets);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_TRACE_READ_HOST_STATE_H_
