#ifndef FIREBREAK_POLICY_MERGE_RULES_H_
#define FIREBREAK_POLICY_MERGE_RULES_H_

#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// The policy without what makes no difference to the rules of a host: locations at which the same
// holds as elsewhere, and all of them if the host is unmanaged. Of two policies, hosts have the
// same rules if these are equal.
v1::EffectivePolicy RulesOf(const v1::EffectivePolicy& policy);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_RULES_H_
