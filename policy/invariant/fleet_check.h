// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_INVARIANT_FLEET_CHECK_H_
#define FIREBREAK_POLICY_INVARIANT_FLEET_CHECK_H_

#include <vector>

#include "firebreak/v1/plan.pb.h"
#include "policy/difference/fleet_plan.h"
#include "policy/merge/select.h"

namespace firebreak::policy {

struct InvariantReport {
  std::vector<v1::Violation> violations;  // those that the change has made first
  uint32_t invariants = 0;                // that were looked at
  bool complete = true;                   // false: not all could be decided, see Compare
};

// The invariants of `after` that do not hold on these hosts any more because of the change: of the
// policies, of labels, of groups, or of the invariants themselves. What the change does not touch
// is not looked at, so a fleet whose policies stay costs little. Violations that were there before,
// with the same invariant, are told as such where the change touches the host.
InvariantReport CheckInvariants(const Selector& before, const Selector& after,
                                const std::vector<PlannedHost>& hosts);

// All that does not hold now, of hosts with their labels `after`.
InvariantReport AllViolations(const Selector& now, const std::vector<PlannedHost>& hosts);

// Whether it makes the change one to be refused.
bool IsRefused(const v1::Violation& violation);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_INVARIANT_FLEET_CHECK_H_
