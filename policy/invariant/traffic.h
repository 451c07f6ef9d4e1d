// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_INVARIANT_TRAFFIC_H_
#define FIREBREAK_POLICY_INVARIANT_TRAFFIC_H_

#include <vector>

#include "policy/difference/rules.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// The direction that the invariant is about.
Way WayOf(const v1::Invariant& invariant);

// Returns the packets of one family that the invariant is about: those that a mapping with the same
// text would cover. Boxes may overlap. The invariant must be in the configuration and have passed
// its check.
std::vector<Box> TrafficOf(const Configuration& configuration, const v1::Invariant& invariant,
                           size_t address_bytes);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_INVARIANT_TRAFFIC_H_
