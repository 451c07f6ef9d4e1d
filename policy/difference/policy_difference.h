// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_POLICY_DIFFERENCE_H_
#define FIREBREAK_POLICY_DIFFERENCE_POLICY_DIFFERENCE_H_

#include <cstddef>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/plan.pb.h"

namespace firebreak::policy {

// Returns what changes on a host that gets one policy in place of the other: for each location and
// kind of interface, the packets that are decided differently, and the settings. Equal changes
// appear once, with all of their places. The result is empty only if no packet is treated
// differently.
//
// A location that only one of the policies knows is compared with the elsewhere of the other,
// because its interfaces are elsewhere under that policy. Both policies must have passed
// CheckEffective.
//
// The work done is subtracted from `work_left`; if it does not suffice, differences say that they
// are incomplete.
std::vector<v1::PlanDifference> ComparePolicies(const v1::EffectivePolicy& before,
                                                const v1::EffectivePolicy& after,
                                                size_t& work_left);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_POLICY_DIFFERENCE_H_
