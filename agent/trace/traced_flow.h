// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_TRACE_TRACED_FLOW_H_
#define FIREBREAK_AGENT_TRACE_TRACED_FLOW_H_

#include <optional>

#include "absl/status/statusor.h"
#include "agent/kernel/conntrack/conntrack.h"
#include "policy/trace/flow.h"

namespace firebreak::agent {

// Converts a flow of the kernel to a flow of the trace.
policy::Flow TracedFlow(const Flow& flow);

// Returns the flow that has the tuple in either direction, or nullopt if the kernel knows no such
// flow.
absl::StatusOr<std::optional<policy::Flow>> FindFlow(Conntrack& conntrack,
                                                     const policy::Tuple& tuple);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_TRACE_TRACED_FLOW_H_
