// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_LEVELS_H_
#define FIREBREAK_POLICY_IMPORT_LEVELS_H_

#include <vector>

#include "policy/import/flatten.h"

namespace firebreak::importer {

// Assigns rules to policies. In one policy's `outbound` and `forward` all blocks come before what
// is allowed, and a policy of higher priority comes before one of lower priority. Returns for each
// rule the policy, counted from the highest priority, in which the rule must stand to keep its
// order among the rules that share packets with it.
std::vector<size_t> LevelsOf(const std::vector<Flat>& rules);

// Returns equivalent rules in the order of `forward`, none of which excludes an interface. A rule
// that excludes interfaces is replaced by rules for these interfaces in front of it. `packets` are
// all packets that the list is about.
std::vector<Flat> WithoutExclusions(const std::vector<Flat>& rules, Verdict rest,
                                    const Match& packets);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_LEVELS_H_
