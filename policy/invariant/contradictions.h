// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_INVARIANT_CONTRADICTIONS_H_
#define FIREBREAK_POLICY_INVARIANT_CONTRADICTIONS_H_

#include <string>
#include <vector>

#include "policy/resources/configuration.h"

namespace firebreak::policy {

// Pairs of invariants that no policy could keep: one demands of some packets that they be admitted,
// the other that they be refused, for hosts, locations and interfaces that both name. Invariants
// that only warn contradict nothing. A line for each pair, for people.
std::vector<std::string> ContradictionsOf(const Configuration& configuration);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_INVARIANT_CONTRADICTIONS_H_
