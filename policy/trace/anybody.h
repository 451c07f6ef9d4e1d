// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_TRACE_ANYBODY_H_
#define FIREBREAK_POLICY_TRACE_ANYBODY_H_

#include "policy/trace/trace.h"

namespace firebreak::policy {

// Traces a packet of which nobody remembers who sent it, as those of flows that began before: the
// trace of the first sender whose packet is not dropped, of all that the rules name and of one that
// they do not name; else of the latter.
Trace TraceOfAnybody(const ruleset::Ruleset& ruleset, const HostState& host, const Packet& packet);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_ANYBODY_H_
