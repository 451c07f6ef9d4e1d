// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_RULES_H_
#define FIREBREAK_POLICY_MERGE_RULES_H_

#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// Returns the policy without the parts that make no difference to a host's rules: locations that
// have the same settings as elsewhere, and all locations if the host is unmanaged. Two policies
// give a host the same rules if the results are equal.
v1::EffectivePolicy RulesOf(const v1::EffectivePolicy& policy);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_RULES_H_
