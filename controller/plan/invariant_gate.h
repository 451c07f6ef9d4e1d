// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_PLAN_INVARIANT_GATE_H_
#define FIREBREAK_CONTROLLER_PLAN_INVARIANT_GATE_H_

#include <span>
#include <string>
#include <vector>

#include "policy/difference/fleet_plan.h"
#include "policy/merge/select.h"
#include "policy/resources/plan.h"
#include "policy/resources/problem.h"

namespace firebreak::controller {

// What invariants say of a change.
struct InvariantVerdict {
  // Why it is refused; empty: it is not.
  std::vector<policy::Problem> problems;
  // What is only to be told.
  std::vector<policy::Problem> warnings;
  // What an administrator has overridden, with the reason, for the audit trail; empty: nothing.
  std::string overridden;
};

// Decides it for all packets and every host. `files` are those of the change, in which causes are
// looked for. With a reason in `override` nothing but invariants that contradict each other is
// refused.
InvariantVerdict JudgeByInvariants(const policy::Selector& before, const policy::Selector& after,
                                   const std::vector<policy::PlannedHost>& hosts,
                                   std::span<const policy::SourceFile> files,
                                   const std::string& override);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_PLAN_INVARIANT_GATE_H_
