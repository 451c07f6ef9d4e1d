// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/instances.h"

#include <algorithm>

namespace firebreak::controller {

Instances::Verdict Instances::OnHello(const std::string& host, uint64_t instance,
                                      std::optional<uint64_t> connected) {
  if (instance == 0) return Verdict::kLetIn;
  std::vector<uint64_t>& seen = seen_[host];
  const auto known = std::find(seen.begin(), seen.end(), instance);
  if (known == seen.end()) {
    if (seen.size() >= kMaxInstances) {
      // The oldest instance is forgotten, except the connected one.
      seen.erase(connected == seen.front() ? seen.begin() + 1 : seen.begin());
    }
    seen.push_back(instance);
    return Verdict::kLetIn;
  }
  if (!connected.has_value() || *connected == instance) return Verdict::kLetIn;
  const auto other = std::find(seen.begin(), seen.end(), *connected);
  return known < other ? Verdict::kLetInAsFirst : Verdict::kRefuse;
}

}  // namespace firebreak::controller
