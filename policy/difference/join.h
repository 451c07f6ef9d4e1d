// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_JOIN_H_
#define FIREBREAK_POLICY_DIFFERENCE_JOIN_H_

#include <cstddef>
#include <vector>

#include "policy/difference/compare.h"

namespace firebreak::policy {

// Joins pairs of boxes that a cut behind `last` has separated. The boxes in [begin, middle) lie in
// front of the cut, those from `middle` to the end behind it.
void JoinAcross(Box::Axis axis, AddressNumber last, size_t begin, size_t middle,
                std::vector<Difference>& differences);

// Joins boxes until no two boxes with the same rulings form a box together.
void Join(std::vector<Difference>& differences);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_JOIN_H_
