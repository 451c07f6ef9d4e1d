// SPDX-License-Identifier: Apache-2.0
#include "policy/location/least_trusted.h"

#include <algorithm>

namespace firebreak::policy {

const v1::EffectiveLocation* LeastTrusted(const v1::EffectivePolicy& policy,
                                          std::span<const std::string> at) {
  if (policy.locations().empty()) return nullptr;
  int least = 0;  // elsewhere, which comes first
  for (const std::string& name : at) {
    int found = 0;
    for (int i = 1; i < policy.locations_size(); ++i) {
      if (policy.locations(i).name() == name) found = i;
    }
    if (found == 0) return &policy.locations(0);
    least = std::max(least, found);
  }
  return &policy.locations(least);
}

}  // namespace firebreak::policy
