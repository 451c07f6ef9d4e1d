// SPDX-License-Identifier: Apache-2.0
#include "policy/evidence/policy_judge.h"

#include <utility>

#include "policy/difference/difference.h"
#include "policy/difference/place.h"

namespace firebreak::policy {
namespace {

// Hosts have made up names of interfaces before.
constexpr size_t kMaxLists = 10'000;

}  // namespace

const Ruling& PolicyJudge::Judge(const Witness& packet, const std::string& location,
                                 const Interface& interface) {
  if (lists_.size() > kMaxLists) lists_.clear();
  std::unique_ptr<List>& list = lists_[{location, interface.name, interface.type, packet.plane.way,
                                        packet.plane.address_bytes}];
  if (list == nullptr) {
    list = std::make_unique<List>();
    size_t work = kMaxComparisonWork;
    list->rules = RulesOf(JudgementOf(PlaceAt(policy_, location), interface, location),
                          packet.plane, list->rulings, work);
  }
  for (const Rule& rule : list->rules) {
    if (Holds(rule.box, packet.plane, packet)) return list->rulings[rule.number.ruling];
  }
  // The last rule holds all packets.
  return list->rulings[list->rules.back().number.ruling];
}

}  // namespace firebreak::policy
