// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_FLEET_PLAN_H_
#define FIREBREAK_POLICY_DIFFERENCE_FLEET_PLAN_H_

#include <string>
#include <vector>

#include "firebreak/v1/plan.pb.h"
#include "policy/merge/select.h"

namespace firebreak::policy {

// A host, and its labels under the configurations before and after the change.
struct PlannedHost {
  std::string name;
  Selector::Labels before;
  Selector::Labels after;
};

// Returns what a change of the configuration, of labels, or of both does on these hosts. Each
// distinct pair of effective policies is compared once; pairs of untouched policies are not
// compared. Leaves `id`, `revision` and the rulings' files empty.
v1::Plan PlanFleet(const Selector& before, const Selector& after,
                   const std::vector<PlannedHost>& hosts);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_FLEET_PLAN_H_
