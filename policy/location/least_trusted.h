#ifndef FIREBREAK_POLICY_LOCATION_LEAST_TRUSTED_H_
#define FIREBREAK_POLICY_LOCATION_LEAST_TRUSTED_H_

#include <span>
#include <string>

#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// The location whose `host` settings hold for the whole host: the least trusted of those that its
// interfaces with an address are at; `elsewhere` if any is at none that the policy knows, or if no
// interface has an address. Among the others the one with the lower precedence, which comes later
// in the policy. `at` names the location of each interface that has an address, loopback left out.
//
// Null for a policy without locations, which CheckEffective lets pass for unmanaged hosts only.
const v1::EffectiveLocation* LeastTrusted(const v1::EffectivePolicy& policy,
                                          std::span<const std::string> at);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_LOCATION_LEAST_TRUSTED_H_
