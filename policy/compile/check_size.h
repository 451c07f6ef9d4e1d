// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_CHECK_SIZE_H_
#define FIREBREAK_POLICY_COMPILE_CHECK_SIZE_H_

#include "absl/status/status.h"
#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// Checks that every host could compile the policy within the limits that agents keep to. The
// interfaces that sections of the policy match are assumed to exist: one of each type, and one for
// each pattern. ResourceExhausted names the mapping at fault (MappingAtFault).
//
// `policy` must have passed CheckEffective. The check costs as much as compiling the policy or, for
// a small policy, next to nothing.
absl::Status CheckSize(const v1::EffectivePolicy& policy);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_CHECK_SIZE_H_
