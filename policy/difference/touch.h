// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_TOUCH_H_
#define FIREBREAK_POLICY_DIFFERENCE_TOUCH_H_

#include <set>
#include <string>
#include <vector>

#include "policy/resources/configuration.h"

namespace firebreak::policy {

// Which resources differ between two configurations, as far as merging policies depends on them.
class Touch {
 public:
  Touch(const Configuration& before, const Configuration& after);

  // Whether merging these policies may give another result after the change, given that the same
  // policies are selected before and after.
  bool MayChange(const std::vector<const v1::Policy*>& selection) const;

  // Whether the resource is new, removed or different after the change.
  bool IsChanged(const std::string& key) const { return changed_.contains(key); }

 private:
  std::set<std::string> changed_;  // keys
  bool everything_ = false;        // a service or a location differs, which any policy may use
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_TOUCH_H_
