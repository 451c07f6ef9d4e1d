#ifndef FIREBREAK_AGENT_TRACE_TRACED_FLOW_H_
#define FIREBREAK_AGENT_TRACE_TRACED_FLOW_H_

#include <optional>

#include "absl/status/statusor.h"
#include "agent/kernel/conntrack/conntrack.h"
#include "policy/trace/flow.h"

namespace firebreak::agent {

// A flow of the kernel's as the trace knows flows.
policy::Flow TracedFlow(const Flow& flow);

// The flow of which the tuple is either direction; none: the kernel knows no such flow.
absl::StatusOr<std::optional<policy::Flow>> FindFlow(Conntrack& conntrack,
                                                     const policy::Tuple& tuple);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_TRACE_TRACED_FLOW_H_
