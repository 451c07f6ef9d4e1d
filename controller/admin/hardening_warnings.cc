// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/hardening_warnings.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "controller/admin/effective_policies.h"
#include "policy/hardening/contradictions.h"

namespace firebreak::controller {
namespace {

// Caches the contradictions of hosts by their policies.
class FoundOnce {
 public:
  explicit FoundOnce(const policy::Selector& selector) : policies_(selector) {}

  const std::vector<std::string>& For(const HostRecord& host) {
    const v1::EffectivePolicy& policy = policies_.For(host);
    const auto [found, added] = found_.try_emplace(&policy);
    if (added) found->second = policy::Contradictions(policy);
    return found->second;
  }

 private:
  EffectivePolicies policies_;
  std::map<const v1::EffectivePolicy*, std::vector<std::string>> found_;
};

}  // namespace

bool Hardens(const policy::Configuration& configuration) {
  const auto& resources = configuration.resources();
  return std::any_of(resources.begin(), resources.end(), [](const auto& one) {
    return one.second->has_policy() && one.second->policy().has_hardening();
  });
}

std::vector<std::string> HardeningWarnings(const policy::Selector& before,
                                           const policy::Selector& after,
                                           std::span<const StoredHost> hosts) {
  if (!Hardens(after.configuration())) return {};
  FoundOnce old_ones(before), new_ones(after);
  std::map<std::string, std::vector<std::string>> by_reason;
  for (const StoredHost& host : hosts) {
    const std::vector<std::string>& now = new_ones.For(host.record);
    if (now.empty()) continue;
    const std::vector<std::string>& known = old_ones.For(host.record);
    for (const std::string& one : now) {
      if (std::find(known.begin(), known.end(), one) != known.end()) continue;
      by_reason[one].push_back(host.record.name);
    }
  }
  std::vector<std::string> warnings;
  for (const auto& [reason, names] : by_reason) {
    warnings.push_back(absl::StrCat(HostsText(names), ": ", reason));
  }
  return warnings;
}

}  // namespace firebreak::controller
