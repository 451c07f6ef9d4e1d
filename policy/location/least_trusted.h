// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_LOCATION_LEAST_TRUSTED_H_
#define FIREBREAK_POLICY_LOCATION_LEAST_TRUSTED_H_

#include <span>
#include <string>

#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// Returns the location whose `host` settings apply to the whole host: the least trusted location of
// any interface that has an address. That is `elsewhere` if one of these interfaces is at no
// location that the policy knows, or if no interface has an address; otherwise it is the location
// with the lowest precedence, which comes last in the policy. `at` has the location of each
// interface with an address, except loopback.
//
// Returns null for a policy without locations, which CheckEffective accepts only for unmanaged
// hosts.
const v1::EffectiveLocation* LeastTrusted(const v1::EffectivePolicy& policy,
                                          std::span<const std::string> at);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_LOCATION_LEAST_TRUSTED_H_
