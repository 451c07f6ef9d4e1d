// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_CONDITIONAL_RULES_H_
#define FIREBREAK_POLICY_DIFFERENCE_CONDITIONAL_RULES_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "policy/difference/mapping_boxes.h"
#include "policy/difference/rules.h"

namespace firebreak::policy {

// A rule that decides, or decides on a condition.
struct ConditionalRule {
  Box box;
  Ruling ruling;
  std::optional<Condition> condition;
};

// The same list without conditions: where one stands in front of others, those take its place
// within its box, each with a ruling that says both what holds on the condition and what holds
// otherwise. Equal rulings mean that packets are treated alike on every condition. The first rule
// whose box holds a packet decides; the last one's, which has no condition, holds all packets.
//
// Each rule that is looked at or made takes one of `work_left`; when it is 0, the list is cut short
// and its last rule decides about what is left.
RuleList ResolveConditions(const std::vector<ConditionalRule>& rules, Rulings& rulings,
                           size_t& work_left);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_CONDITIONAL_RULES_H_
