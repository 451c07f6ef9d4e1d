// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/touch.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace firebreak::policy {
namespace {

std::set<std::string> Changed(const Configuration& before, const Configuration& after) {
  std::set<std::string> changed;
  for (const auto& [key, resource] : before.resources()) {
    const v1::Resource* now = after.Find(key);
    if (now == nullptr || (now != resource.get() && !SameResource(*now, *resource))) {
      changed.insert(key);
    }
  }
  for (const auto& [key, resource] : after.resources()) {
    if (before.Find(key) == nullptr) changed.insert(key);
  }
  return changed;
}

}  // namespace

Touch::Touch(const Configuration& before, const Configuration& after)
    : changed_(Changed(before, after)) {
  everything_ = std::any_of(changed_.begin(), changed_.end(), [](const std::string& key) {
    return absl::StartsWith(key, "Service/") || absl::StartsWith(key, "Location/");
  });
}

bool Touch::MayChange(const std::vector<const v1::Policy*>& selection) const {
  return everything_ ||
         std::any_of(selection.begin(), selection.end(), [&](const v1::Policy* policy) {
           return changed_.contains(KeyOf("Policy", policy->name())) ||
                  changed_.contains(KeyOf("Edit", policy->name()));
         });
}

}  // namespace firebreak::policy
