// SPDX-License-Identifier: Apache-2.0
#include "policy/invariant/breaches.h"

#include "policy/difference/compare.h"
#include "policy/difference/universe.h"
#include "policy/difference/witness.h"

namespace firebreak::policy {
namespace {

// An invariant distinguishes only whether packets pass, so two outcomes are enough.
constexpr uint32_t kStopped = 0, kPassing = 1;

uint32_t OutcomeOf(bool passes) { return passes ? kPassing : kStopped; }

// The rules that may decide in the box.
RuleList Within(const RuleList& rules, const Box& box) {
  RuleList within;
  for (const Rule& rule : rules) {
    if (!Intersects(rule.box, box)) continue;
    within.push_back(rule);
    if (Covers(rule.box, box)) break;
  }
  return within;
}

// Returns the judgement as rules whose outcomes say only whether packets pass. Where a condition
// decides, the packet counts as violating the demand, because the condition may go either way.
RuleList PassingOf(const Judgement& judgement, const Demand& demand, Rulings& rulings,
                   size_t& work_left) {
  RuleList rules = RulesOf(judgement, demand.plane, rulings, work_left);
  for (Rule& rule : rules) {
    const Outcome& outcome = rulings[rule.number.ruling].outcome;
    rule.number.outcome = OutcomeOf(outcome.otherwise.empty() ? Passes(outcome) : !demand.admitted);
  }
  return rules;
}

// Returns the ruling for the packet. Compare does not tell rules with equal outcomes apart, and
// here all rules that let packets pass have the same outcome, so its ruling may be another rule's.
uint32_t RulingFor(const RuleList& rules, const Plane& plane, const Witness& witness) {
  for (const Rule& rule : rules) {
    if (Holds(rule.box, plane, witness)) return rule.number.ruling;
  }
  return rules.back().number.ruling;
}

// Returns the packets for which `before` meets the demand and `after` does not.
Breaches Find(const RuleList& before, const RuleList& after, const Demand& demand,
              const Rulings& rulings, size_t& work_left) {
  Breaches breaches;
  for (const Box& box : demand.traffic) {
    const Comparison comparison = Compare(Within(before, box), Within(after, box), box, work_left);
    breaches.complete = breaches.complete && comparison.complete;
    for (const Difference& difference : comparison.differences) {
      if (difference.after.outcome == OutcomeOf(demand.admitted)) continue;
      if (!IsPossible(difference.box, demand.plane)) continue;
      const uint32_t ruling =
          RulingFor(after, demand.plane, WitnessOf(difference.box, demand.plane));
      breaches.classes.push_back({demand.plane, difference.box, demand.Wanted(), rulings[ruling]});
    }
  }
  return breaches;
}

}  // namespace

Ruling Demand::Wanted() const {
  Ruling wanted;
  wanted.outcome.action = admitted ? Outcome::Action::kAdmitted : Outcome::Action::kRefused;
  return wanted;
}

Breaches BreachesOf(const Judgement& judgement, const Demand& demand, size_t& work_left) {
  Rulings rulings;
  const RuleList rules = PassingOf(judgement, demand, rulings, work_left);
  Rulings::Number wanted = rulings.Add(demand.Wanted());
  wanted.outcome = OutcomeOf(demand.admitted);
  const RuleList ideal = {{WholeBox(demand.plane.address_bytes), wanted}};
  return Find(ideal, rules, demand, rulings, work_left);
}

Breaches FreshBreachesOf(const Judgement& before, const Judgement& after, const Demand& demand,
                         size_t& work_left) {
  Rulings rulings;
  const RuleList old_rules = PassingOf(before, demand, rulings, work_left);
  const RuleList new_rules = PassingOf(after, demand, rulings, work_left);
  return Find(old_rules, new_rules, demand, rulings, work_left);
}

}  // namespace firebreak::policy
