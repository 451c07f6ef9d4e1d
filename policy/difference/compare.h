#ifndef FIREBREAK_POLICY_DIFFERENCE_COMPARE_H_
#define FIREBREAK_POLICY_DIFFERENCE_COMPARE_H_

#include <cstddef>
#include <vector>

#include "policy/difference/rules.h"

namespace firebreak::policy {

// A box in which one ruling holds before and another after.
struct Difference {
  Box box;
  Rulings::Number before;
  Rulings::Number after;
};

struct Comparison {
  // Disjoint. A packet has another outcome after than before if and only if one of them holds it.
  std::vector<Difference> differences;
  // False: it took too much work, so what is there is true but not all.
  bool complete = true;
};

// Where two lists decide differently. Both are about the same plane and share the numbers of their
// rulings.
//
// Rules that both have in the same order decide alike wherever no other rule interferes, so all
// begins with the others ("changed"). The box around them is cut in two, again and again, at
// borders of rules, until one rule of each list decides all of it, or no changed one is left in
// it; so what the lists have in common costs little. Boxes that the cuts made two of are joined.
//
// `work_left` is how many looks at a rule the comparison may take; what it takes is subtracted.
Comparison Compare(const RuleList& before, const RuleList& after, const Box& whole,
                   size_t& work_left);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_COMPARE_H_
