// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_COMPARE_H_
#define FIREBREAK_POLICY_DIFFERENCE_COMPARE_H_

#include <cstddef>
#include <vector>

#include "policy/difference/rules.h"

namespace firebreak::policy {

// A box whose packets have one ruling before the change and another after it.
struct Difference {
  Box box;
  Rulings::Number before;
  Rulings::Number after;
};

struct Comparison {
  // The differences are disjoint. The outcome of a packet differs if and only if one of them holds
  // the packet.
  std::vector<Difference> differences;
  // False if the comparison took too much work; the differences are then true but not all.
  bool complete = true;
};

// Finds where two lists decide differently. Both lists must be about the same plane, and share the
// numbers of their rulings.
//
// Rules that both lists have in the same order decide alike wherever no other rule interferes, so
// the search begins with the other rules, called changed. The box around the changed rules is cut
// in two, again and again, at borders of rules, until one rule of each list decides the whole box,
// or no changed rule is left in it. So the common parts of the lists cost little. Boxes that only
// the cuts separated are joined again.
//
// `work_left` is the number of looks at a rule that the comparison may take; the looks taken are
// subtracted.
Comparison Compare(const RuleList& before, const RuleList& after, const Box& whole,
                   size_t& work_left);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_COMPARE_H_
