// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_INVARIANT_CONTRADICTIONS_H_
#define FIREBREAK_POLICY_INVARIANT_CONTRADICTIONS_H_

#include <string>
#include <vector>

#include "policy/resources/configuration.h"

namespace firebreak::policy {

// Returns a readable line for each pair of invariants that no policy can satisfy: for some packets,
// on hosts, locations and interfaces that both name, one demands admission and the other refusal.
// Invariants that only warn are ignored.
std::vector<std::string> ContradictionsOf(const Configuration& configuration);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_INVARIANT_CONTRADICTIONS_H_
