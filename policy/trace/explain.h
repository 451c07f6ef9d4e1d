// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_TRACE_EXPLAIN_H_
#define FIREBREAK_POLICY_TRACE_EXPLAIN_H_

#include <span>

#include "absl/strings/string_view.h"
#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/host.pb.h"
#include "policy/compile/compile.h"
#include "policy/trace/trace.h"

namespace firebreak::policy {

// The input of a trace.
struct Traced {
  const ruleset::Ruleset& ruleset;  // with the elements that its sets hold at run time
  const v1::EffectivePolicy& policy;
  std::span<const Interface> interfaces;
  const Origins& origins;
};

// Whether the packet passes only because the firewall observes: a rule would have refused it.
bool IsObserved(const Trace& trace);

// Returns half a sentence that explains a reason such as "unsolicited"; empty if the reason is
// unknown.
const char* ReasonDetail(absl::string_view reason);

// Explains in words what a trace found: which rule decided, why, and which policy demanded it. The
// answer has no revision.
v1::TraceAnswer Explain(const Trace& trace, const Traced& traced);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_EXPLAIN_H_
