// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/difference.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "policy/difference/compare.h"
#include "policy/difference/universe.h"

namespace firebreak::policy {

ChangeKind KindOf(const PacketClass& packets) {
  const bool before = Passes(packets.before.outcome), after = Passes(packets.after.outcome);
  if (before == after) return ChangeKind::kOtherwise;
  return after ? ChangeKind::kOpened : ChangeKind::kClosed;
}

JudgementDifference CompareJudgements(const Judgement& before, const Judgement& after,
                                      size_t& work_left) {
  JudgementDifference result;
  for (const Way way : {Way::kInbound, Way::kOutbound}) {
    for (const size_t address_bytes : {size_t{4}, size_t{16}}) {
      const Plane plane = {way, address_bytes};
      Rulings rulings;
      const RuleList rules_before = RulesOf(before, plane, rulings, work_left);
      const RuleList rules_after = RulesOf(after, plane, rulings, work_left);
      Comparison comparison =
          Compare(rules_before, rules_after, WholeBox(address_bytes), work_left);
      result.complete = result.complete && comparison.complete && work_left > 0;
      for (const Difference& difference : comparison.differences) {
        if (!IsPossible(difference.box, plane)) continue;
        result.classes.push_back({plane, difference.box, rulings[difference.before.ruling],
                                  rulings[difference.after.ruling]});
      }
    }
  }
  // Makes the order independent of the order in which classes were found.
  const auto key = [](const PacketClass& one) {
    return std::make_tuple(-ShareOf(one.box, one.plane.address_bytes), one.plane.way,
                           one.plane.address_bytes, one.box.first16, one.box.first_address);
  };
  std::sort(result.classes.begin(), result.classes.end(),
            [&](const PacketClass& a, const PacketClass& b) { return key(a) < key(b); });
  return result;
}

}  // namespace firebreak::policy
