#ifndef FIREBREAK_POLICY_DIFFERENCE_FLEET_PLAN_H_
#define FIREBREAK_POLICY_DIFFERENCE_FLEET_PLAN_H_

#include <string>
#include <vector>

#include "firebreak/v1/plan.pb.h"
#include "policy/merge/select.h"

namespace firebreak::policy {

// A host, and its labels under either configuration.
struct PlannedHost {
  std::string name;
  Selector::Labels before;
  Selector::Labels after;
};

// What a change of the configuration, of labels, or of both comes to on these hosts. Each distinct
// pair of effective policies is compared once, and none whose policies nothing has touched.
// `id`, `revision` and the files of rulings are left empty.
v1::Plan PlanFleet(const Selector& before, const Selector& after,
                   const std::vector<PlannedHost>& hosts);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_FLEET_PLAN_H_
