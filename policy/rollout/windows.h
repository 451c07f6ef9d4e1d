// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_ROLLOUT_WINDOWS_H_
#define FIREBREAK_POLICY_ROLLOUT_WINDOWS_H_

#include "absl/time/time.h"
#include "firebreak/v1/resources.pb.h"

namespace firebreak::policy {

// Whether waves may begin at `now` (RolloutStrategy.windows, in UTC). The windows must have passed
// their check.
bool IsWindowOpen(const v1::RolloutStrategy& strategy, absl::Time now);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_ROLLOUT_WINDOWS_H_
