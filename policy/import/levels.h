// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_LEVELS_H_
#define FIREBREAK_POLICY_IMPORT_LEVELS_H_

#include <vector>

#include "policy/import/flatten.h"

namespace firebreak::importer {

// In `outbound` and `forward` of one policy all blocks come before what is allowed, and the policy
// of higher priority comes before the lower one. Returns for each rule the policy, counted from the
// highest, in which it has to stand so that its place among the rules of which packets it shares
// does not change.
std::vector<size_t> LevelsOf(const std::vector<Flat>& rules);

// Returns rules in the order of `forward` that mean the same and exclude no interface: those that
// do are said by rules for the interfaces in front of them. `packets` are all that are judged.
std::vector<Flat> WithoutExclusions(const std::vector<Flat>& rules, Verdict rest,
                                    const Match& packets);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_LEVELS_H_
