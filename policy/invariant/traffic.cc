// SPDX-License-Identifier: Apache-2.0
#include "policy/invariant/traffic.h"

#include <algorithm>

#include "policy/difference/difference.h"
#include "policy/difference/judgement.h"
#include "policy/difference/universe.h"
#include "policy/merge/merge.h"

namespace firebreak::policy {

Way WayOf(const v1::Invariant& invariant) {
  return invariant.direction() == "out" ? Way::kOutbound : Way::kInbound;
}

std::vector<Box> TrafficOf(const Configuration& configuration, const v1::Invariant& invariant,
                           size_t address_bytes) {
  // Judges a policy that has these mappings and nothing else.
  const Plane plane = {WayOf(invariant), address_bytes};
  v1::Policy policy;
  policy.set_name(invariant.name());
  if (plane.way == Way::kInbound) {
    *policy.mutable_port_mappings()->mutable_items() = invariant.traffic();
  } else {
    *policy.mutable_outbound()->mutable_allow() = invariant.traffic();
  }
  const v1::Policy* const policies[] = {&policy};
  const v1::EffectivePolicy effective = Merge(configuration, policies);
  Rulings rulings;
  std::vector<Box> boxes;
  size_t work = kMaxComparisonWork;  // traffic has no conditions, so no work is used
  for (const Rule& rule :
       RulesOf({BaseProfileOf(effective.locations(0)), {}}, plane, rulings, work)) {
    if (rulings[rule.number.ruling].cause.kind != Cause::Kind::kMapping) continue;
    const bool known = std::any_of(boxes.begin(), boxes.end(),
                                   [&](const Box& box) { return Covers(box, rule.box); });
    if (!known && IsPossible(rule.box, plane)) boxes.push_back(rule.box);
  }
  return boxes;
}

}  // namespace firebreak::policy
