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

// The verdict of the fleet's invariants about a change.
struct InvariantVerdict {
  // Why the change is refused; empty: it is not.
  std::vector<policy::Problem> problems;
  // Violations that do not refuse the change.
  std::vector<policy::Problem> warnings;
  // The violations that an administrator has overridden, with the reason, for the audit trail;
  // empty: none.
  std::string overridden;
};

// Checks the invariants for all packets and all hosts. `files` are the change's files, in which the
// lines of causes are looked up. With a reason in `override`, the change is refused only if
// invariants contradict each other.
InvariantVerdict JudgeByInvariants(const policy::Selector& before, const policy::Selector& after,
                                   const std::vector<policy::PlannedHost>& hosts,
                                   std::span<const policy::SourceFile> files,
                                   const std::string& override);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_PLAN_INVARIANT_GATE_H_
