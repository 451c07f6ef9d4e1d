#ifndef FIREBREAK_AGENT_TRACE_READ_HOST_STATE_H_
#define FIREBREAK_AGENT_TRACE_READ_HOST_STATE_H_

#include "absl/status/statusor.h"
#include "agent/kernel/conntrack/conntrack.h"
#include "agent/kernel/links/links.h"
#include "agent/kernel/routes/routes.h"
#include "policy/trace/host_state.h"

namespace firebreak::agent {

// What a trace needs to know of this host, read from the kernel.
//
// The state asks the kernel again for every route and every flow, so the three that it is read from
// must outlive it, and belong to its thread. What cannot be asked is taken for not there.
absl::StatusOr<policy::HostState> ReadHostState(Links& links, Routes& routes, Conntrack& conntrack);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_TRACE_READ_HOST_STATE_H_
