// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_CHECK_EFFECTIVE_H_
#define FIREBREAK_POLICY_MERGE_CHECK_EFFECTIVE_H_

#include "absl/status/status.h"
#include "firebreak/v1/effective.pb.h"
#include "policy/merge/limits.h"

namespace firebreak::policy {

// Checks everything that an agent relies on before it trusts bytes from the network or the disk.
// The controller makes the same check before it accepts a change, because a host's totals are known
// only after merging. InvalidArgument names the location, the policy and the mapping at fault;
// ResourceExhausted means that a limit is exceeded.
absl::Status CheckEffective(const v1::EffectivePolicy& policy);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_CHECK_EFFECTIVE_H_
