// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_CONDITIONAL_RULES_H_
#define FIREBREAK_POLICY_DIFFERENCE_CONDITIONAL_RULES_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "policy/difference/mapping_boxes.h"
#include "policy/difference/rules.h"

namespace firebreak::policy {

// A rule that decides always, or only on a condition.
struct ConditionalRule {
  Box box;
  Ruling ruling;
  std::optional<Condition> condition;
};

// Returns an equivalent list without conditions. A conditional rule is replaced, within its box, by
// the rules behind it, each with a ruling that says both what happens if the condition holds and
// what happens otherwise. Equal rulings mean that packets are treated alike whether conditions hold
// or not. The first rule whose box holds a packet decides. The last rule must have no condition and
// a box that holds all packets.
//
// Each rule that is looked at or made takes 1 from `work_left`. At 0 the list is cut short, and its
// last rule decides about the remaining packets.
RuleList ResolveConditions(const std::vector<ConditionalRule>& rules, Rulings& rulings,
                           size_t& work_left);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_CONDITIONAL_RULES_H_
