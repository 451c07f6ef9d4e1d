// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_EFFECTIVE_POLICIES_H_
#define FIREBREAK_CONTROLLER_ADMIN_EFFECTIVE_POLICIES_H_

#include <map>
#include <string>
#include <vector>

#include "controller/store/hosts.h"
#include "policy/merge/merge.h"
#include "policy/merge/select.h"

namespace firebreak::controller {

// Merges the effective policies of hosts, each one once, because hosts share them. `selector` must
// outlive this object.
class EffectivePolicies {
 public:
  explicit EffectivePolicies(const policy::Selector& selector) : selector_(selector) {}

  const v1::EffectivePolicy& For(const HostRecord& host) {
    const auto selection = selector_.Select(host.name, host.labels);
    const auto [found, added] = policies_.try_emplace(policy::Selector::KeyOf(selection));
    if (added) found->second = policy::Merge(selector_.configuration(), selection);
    return found->second;
  }

 private:
  const policy::Selector& selector_;
  std::map<std::string, v1::EffectivePolicy> policies_;
};

// Returns a text such as "host a" or "hosts a, b and 3 more".
std::string HostsText(const std::vector<std::string>& names);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_EFFECTIVE_POLICIES_H_
