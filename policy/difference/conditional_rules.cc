// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/conditional_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace firebreak::policy {
namespace {

// What becomes of a packet for which `rule` decides on its condition and else `behind` does.
Ruling Either(const ConditionalRule& rule, const Ruling& behind) {
  // Nothing rests on the condition.
  if (rule.ruling.outcome == behind.outcome) return behind;
  // Where the packet goes is decided without the limit, and then it is let in either way.
  const bool prepared = behind.outcome.action == Outcome::Action::kForwarded ||
                        behind.outcome.action == Outcome::Action::kProxied;
  if (rule.condition->limits && prepared) return behind;
  Outcome plain = rule.ruling.outcome;
  const std::string said = absl::StrCat(rule.condition->text, ": ", OutcomeText(plain));
  // A box of the same mapping lies behind this one.
  if (absl::StartsWith(behind.outcome.otherwise, said)) return behind;
  Ruling either = rule.condition->holds ? rule.ruling : behind;
  either.outcome.otherwise = absl::StrCat(said, "; else ", OutcomeText(behind.outcome));
  return either;
}

}  // namespace

RuleList ResolveConditions(const std::vector<ConditionalRule>& rules, Rulings& rulings,
                           size_t& work_left) {
  // From the end, so that all that is behind a rule is known; the last rule first.
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
