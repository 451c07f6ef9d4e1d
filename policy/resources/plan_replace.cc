// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/resources/check.h"
#include "policy/resources/findings.h"
#include "policy/resources/plan.h"

namespace firebreak::policy {

std::vector<Change> ChangesBetween(const Configuration& before, const Configuration& after) {
  std::vector<Change> changes;
  for (const auto& [key, resource] : after.resources()) {
    const v1::Resource* old = before.Find(key);
    if (old == nullptr) {
      changes.push_back({Change::Kind::kCreated, key});
    } else if (!SameResource(*old, *resource)) {
      changes.push_back({Change::Kind::kUpdated, key});
    }
  }
  for (const auto& [key, resource] : before.resources()) {
    if (after.Find(key) == nullptr) changes.push_back({Change::Kind::kDeleted, key});
  }
  return changes;
}

Plan PlanReplace(const Configuration& current, const Configuration& wanted,
                 const std::set<std::string>& hosts) {
  Plan plan = {.next = wanted, .changes = ChangesBetween(current, wanted), .problems = {}};
  for (const Change& change : plan.changes) {
    if (change.kind == Change::Kind::kDeleted) continue;
    // A resource that was valid once may be invalid now: a host has gone, or this program checks
    // more.
    Findings findings(change.resource, nullptr, plan.problems);
    CheckResource(*wanted.Find(change.resource), {wanted, hosts}, findings);
  }
  if (plan.ok()) return plan;
  return {.next = current, .changes = {}, .problems = std::move(plan.problems)};
}

}  // namespace firebreak::policy
