// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_INVARIANT_TRAFFIC_H_
#define FIREBREAK_POLICY_INVARIANT_TRAFFIC_H_

#include <vector>

#include "policy/difference/rules.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// The direction that an invariant speaks of.
Way WayOf(const v1::Invariant& invariant);

// The packets that an invariant speaks of, of one family; boxes may overlap. They are those that a
// mapping with the same words would cover. The invariant is one of the configuration, and checked.
std::vector<Box> TrafficOf(const Configuration& configuration, const v1::Invariant& invariant,
                           size_t address_bytes);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_INVARIANT_TRAFFIC_H_
