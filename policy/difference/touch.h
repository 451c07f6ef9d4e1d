// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_TOUCH_H_
#define FIREBREAK_POLICY_DIFFERENCE_TOUCH_H_

#include <set>
#include <string>
#include <vector>

#include "policy/resources/configuration.h"

namespace firebreak::policy {

// What lies between two configurations, as far as merging policies goes.
class Touch {
 public:
  Touch(const Configuration& before, const Configuration& after);

  // Whether these policies could come to something else when merged, though their names are the
  // same before and after.
  bool MayChange(const std::vector<const v1::Policy*>& selection) const;

  // The resource is not there in both, saying the same.
  bool IsChanged(const std::string& key) const { return changed_.contains(key); }

 private:
  std::set<std::string> changed_;  // keys
  bool everything_ = false;        // a service or a location, which any policy may use
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_TOUCH_H_
