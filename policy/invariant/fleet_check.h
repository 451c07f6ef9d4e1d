// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_INVARIANT_FLEET_CHECK_H_
#define FIREBREAK_POLICY_INVARIANT_FLEET_CHECK_H_

#include <vector>

#include "firebreak/v1/plan.pb.h"
#include "policy/difference/fleet_plan.h"
#include "policy/merge/select.h"

namespace firebreak::policy {

struct InvariantReport {
  std::vector<v1::Violation> violations;  // violations caused by the change come first
  uint32_t invariants = 0;                // how many were checked
  bool complete = true;                   // false: some could not be decided; see Compare
};

// Checks the invariants of `after` on the hosts that the change touches, be it a change of
// policies, labels, groups or invariants. Hosts and invariants that the change does not touch are
// not checked, so the check is cheap for a fleet whose policies stay. A violation of the same
// invariant that existed before the change is marked so (`before`).
InvariantReport CheckInvariants(const Selector& before, const Selector& after,
                                const std::vector<PlannedHost>& hosts);

// Returns all violations of the present configuration, for hosts with their labels `after`.
InvariantReport AllViolations(const Selector& now, const std::vector<PlannedHost>& hosts);

// Whether the violation means that the change must be refused.
bool IsRefused(const v1::Violation& violation);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_INVARIANT_FLEET_CHECK_H_
