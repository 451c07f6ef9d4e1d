#ifndef FIREBREAK_POLICY_DIFFERENCE_POLICY_DIFFERENCE_H_
#define FIREBREAK_POLICY_DIFFERENCE_POLICY_DIFFERENCE_H_

#include <cstddef>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/plan.pb.h"

namespace firebreak::policy {

// What changes on a host that gets one policy in place of the other: for each location and kind of
// interface the packets that are decided otherwise, and the settings; equal changes are told once,
// with all of their places. Empty only if no packet is treated otherwise.
//
// A location that only one of the policies knows is compared with what holds elsewhere under the
// other, as that is where its interfaces are then. Both are checked already (CheckEffective).
//
// What it takes is subtracted from `work_left`; without enough of it differences say that they are
// not complete.
std::vector<v1::PlanDifference> ComparePolicies(const v1::EffectivePolicy& before,
                                                const v1::EffectivePolicy& after,
                                                size_t& work_left);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_POLICY_DIFFERENCE_H_
