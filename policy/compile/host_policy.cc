// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/host_policy.h"

#include "base/status/status.h"
#include "policy/compile/check_size.h"
#include "policy/merge/check_effective.h"
#include "policy/merge/merge.h"

namespace firebreak::policy {

absl::StatusOr<v1::EffectivePolicy> HostPolicy(const Configuration& configuration,
                                               std::span<const v1::Policy* const> policies) {
  v1::EffectivePolicy merged = Merge(configuration, policies);
  // Only the merged policy shows whether a host would get more than its agent accepts.
  RETURN_IF_ERROR(CheckEffective(merged));
  RETURN_IF_ERROR(CheckSize(merged));
  return merged;
}

}  // namespace firebreak::policy
