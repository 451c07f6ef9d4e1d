// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/conditional_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace firebreak::policy {
namespace {

// Returns the ruling for packets for which `rule` decides if its condition holds, and `behind`
// otherwise.
Ruling Either(const ConditionalRule& rule, const Ruling& behind) {
  // Both rulings have the same outcome, so the condition makes no difference.
  if (rule.ruling.outcome == behind.outcome) return behind;
  // Forwarding and proxying are decided before the limit is looked at, and then the packet is let
  // in whether the limit is exceeded or not.
  const bool prepared = behind.outcome.action == Outcome::Action::kForwarded ||
                        behind.outcome.action == Outcome::Action::kProxied;
  if (rule.condition->limits && prepared) return behind;
  Outcome plain = rule.ruling.outcome;
  const std::string said = absl::StrCat(rule.condition->text, ": ", OutcomeText(plain));
  // `behind` comes from another box of the same mapping and already states this condition.
  if (absl::StartsWith(behind.outcome.otherwise, said)) return behind;
  Ruling either = rule.condition->holds ? rule.ruling : behind;
  either.outcome.otherwise = absl::StrCat(said, "; else ", OutcomeText(behind.outcome));
  return either;
}

}  // namespace

RuleList ResolveConditions(const std::vector<ConditionalRule>& rules, Rulings& rulings,
                           size_t& work_left) {
  // Goes backwards, so that everything behind a rule is resolved before the rule is.
  RuleList reversed;
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
    if (!rule->condition.has_value()) {
      reversed.push_back({rule->box, rulings.Add(rule->ruling)});
      continue;
    }
    RuleList within;
    for (auto behind = reversed.rbegin(); behind != reversed.rend(); ++behind) {
      if (work_left == 0) break;
      --work_left;
      if (!Intersects(rule->box, behind->box)) continue;
      const Ruling ruling = Either(*rule, rulings[behind->number.ruling]);
      within.push_back({Intersection(rule->box, behind->box), rulings.Add(ruling)});
      if (Covers(behind->box, rule->box)) break;
    }
    reversed.insert(reversed.end(), within.rbegin(), within.rend());
  }
  std::reverse(reversed.begin(), reversed.end());
  return reversed;
}

}  // namespace firebreak::policy
