// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_INVARIANT_VIOLATIONS_H_
#define FIREBREAK_POLICY_INVARIANT_VIOLATIONS_H_

#include <cstddef>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/plan.pb.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// Where, on a host with the policy `after`, the invariant does not hold, one violation for each
// place that is told; `hosts` is left empty. It is decided for all packets that begin a flow.
//
// Without `before` all of it is told. With it, `before` is what the host had, for which the
// invariant had been demanded as well: what held nowhere then is marked, and what did hold comes
// first. `complete` becomes false if it would have taken too much work; see Compare.
std::vector<v1::Violation> ViolationsOf(const Configuration& configuration,
                                        const v1::Invariant& invariant,
                                        const v1::EffectivePolicy& after,
                                        const v1::EffectivePolicy* before, size_t& work_left,
                                        bool& complete);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_INVARIANT_VIOLATIONS_H_
