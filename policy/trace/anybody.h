// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_TRACE_ANYBODY_H_
#define FIREBREAK_POLICY_TRACE_ANYBODY_H_

#include "policy/trace/trace.h"

namespace firebreak::policy {

// Traces a packet whose sender nobody knows, such as a packet of a flow that began before the
// trace. Tries a sender that no rule names, and then each sender that the rules name. Returns the
// first trace that does not end with a drop, else the trace of the sender that no rule names.
Trace TraceOfAnybody(const ruleset::Ruleset& ruleset, const HostState& host, const Packet& packet);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_ANYBODY_H_
