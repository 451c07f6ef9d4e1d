#ifndef FIREBREAK_POLICY_DIFFERENCE_JOIN_H_
#define FIREBREAK_POLICY_DIFFERENCE_JOIN_H_

#include <cstddef>
#include <vector>

#include "policy/difference/compare.h"

namespace firebreak::policy {

// Joins pairs of boxes that a cut behind `last` made two of: those of [begin, middle) lie in front
// of it, those from `middle` to the end behind it.
void JoinAcross(Box::Axis axis, AddressNumber last, size_t begin, size_t middle,
                std::vector<Difference>& differences);

// Joins until no two boxes with the same rulings make up one.
void Join(std::vector<Difference>& differences);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_JOIN_H_
