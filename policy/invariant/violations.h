// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_INVARIANT_VIOLATIONS_H_
#define FIREBREAK_POLICY_INVARIANT_VIOLATIONS_H_

#include <cstddef>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/plan.pb.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// Returns where the invariant does not hold on a host with the policy `after`: one violation for
// each place. `hosts` is left empty. All packets that begin a flow are considered.
//
// If `before` is null, every violation is returned. Otherwise `before` is the host's policy before
// the change, when the invariant was demanded as well: packets that violated it already then are
// marked, and new violations come first. `complete` is set to false if the check needed too much
// work; see Compare.
std::vector<v1::Violation> ViolationsOf(const Configuration& configuration,
                                        const v1::Invariant& invariant,
                                        const v1::EffectivePolicy& after,
                                        const v1::EffectivePolicy* before, size_t& work_left,
                                        bool& complete);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_INVARIANT_VIOLATIONS_H_
