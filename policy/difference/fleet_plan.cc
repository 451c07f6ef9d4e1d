// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/fleet_plan.h"

#include <algorithm>
#include <map>
#include <utility>

#include "policy/difference/difference.h"
#include "policy/difference/policy_difference.h"
#include "policy/difference/touch.h"
#include "policy/merge/merge.h"

namespace firebreak::policy {
namespace {

using Selection = std::vector<const v1::Policy*>;

void Count(v1::Plan& plan) {
  plan.set_complete(true);
  for (const v1::PlanGroup& group : plan.groups()) {
    for (const v1::PlanDifference& difference : group.differences()) {
      plan.set_complete(plan.complete() && difference.complete());
      plan.set_settings(plan.settings() + static_cast<uint32_t>(difference.settings_size()));
      for (const v1::PacketClass& packets : difference.packets()) {
        switch (packets.change()) {
          case v1::PacketClass::opened: plan.set_opened(plan.opened() + 1); break;
          case v1::PacketClass::closed: plan.set_closed(plan.closed() + 1); break;
          default: plan.set_otherwise(plan.otherwise() + 1);
        }
      }
    }
  }
}

}  // namespace

v1::Plan PlanFleet(const Selector& before, const Selector& after,
                   const std::vector<PlannedHost>& hosts) {
  const Touch touch(before.configuration(), after.configuration());
  struct Pair {
    Selection before, after;
    std::vector<std::string> hosts;
  };
  std::map<std::pair<std::string, std::string>, Pair> pairs;
  for (const PlannedHost& host : hosts) {
    Selection old_selection = before.Select(host.name, host.before);
    Selection new_selection = after.Select(host.name, host.after);
    std::string old_key = Selector::KeyOf(old_selection);
    std::string new_key = Selector::KeyOf(new_selection);
    if (old_key == new_key && !touch.MayChange(new_selection)) continue;
    Pair& pair = pairs[{std::move(old_key), std::move(new_key)}];
    if (pair.hosts.empty()) {
      pair.before = std::move(old_selection);
      pair.after = std::move(new_selection);
    }
    pair.hosts.push_back(host.name);
  }

  v1::Plan plan;
  plan.set_hosts(static_cast<uint32_t>(hosts.size()));
  // Pairs of different policies may have the same difference; they share one group.
  std::map<std::string, size_t> by_text;
  std::vector<v1::PlanGroup> groups;
  size_t work_left = kMaxComparisonWork;
  for (auto& [keys, pair] : pairs) {
    v1::PlanGroup group;
    for (v1::PlanDifference& difference :
         ComparePolicies(Merge(before.configuration(), pair.before),
                         Merge(after.configuration(), pair.after), work_left)) {
      *group.add_differences() = std::move(difference);
    }
    if (group.differences().empty()) continue;
    const auto [found, added] = by_text.emplace(group.SerializeAsString(), groups.size());
    if (added) groups.push_back(std::move(group));
    for (std::string& host : pair.hosts) groups[found->second].add_hosts(std::move(host));
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const auto& a, const auto& b) { return a.hosts_size() > b.hosts_size(); });
  uint32_t concerned = 0;
  for (v1::PlanGroup& group : groups) {
    std::sort(group.mutable_hosts()->begin(), group.mutable_hosts()->end());
    concerned += static_cast<uint32_t>(group.hosts_size());
    *plan.add_groups() = std::move(group);
  }
  plan.set_hosts_concerned(concerned);
  Count(plan);
  return plan;
}

}  // namespace firebreak::policy
