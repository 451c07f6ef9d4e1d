// SPDX-License-Identifier: Apache-2.0
#include "agent/switch/record_budget.h"

#include "base/time/passed.h"

namespace firebreak::agent {

bool RecordBudget::Take(const Caller& caller, absl::Time now) {
  if (caller.may_act) return true;
  std::erase_if(users_, [&](const auto& one) { return HasPassed(kTime, one.second.since, now); });
  if (users_.size() >= kMaxUsers && !users_.contains(caller.user)) return false;
  Spent& spent = users_.try_emplace(caller.user, Spent{.since = now}).first->second;
  return ++spent.count <= kMaxRecords;
}

}  // namespace firebreak::agent
