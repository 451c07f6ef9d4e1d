// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_PLACE_H_
#define FIREBREAK_POLICY_DIFFERENCE_PLACE_H_

#include <string>
#include <vector>

#include "policy/compile/compile.h"
#include "policy/difference/judgement.h"

namespace firebreak::policy {

// A policy, and a location of it. Both must outlive this.
struct Place {
  const v1::EffectivePolicy& policy;
  const v1::EffectiveLocation& location;
};

// Null if the policy does not know it.
const v1::EffectiveLocation* FindLocation(const v1::EffectivePolicy& policy,
                                          const std::string& name);

// Where an interface is that proves `name`: elsewhere, if the policy does not know the location.
Place PlaceAt(const v1::EffectivePolicy& policy, const std::string& name);

// The locations that may be the host's least trusted one while an interface is at `location`, by
// either policy.
std::vector<std::string> HostLocations(const v1::EffectivePolicy& before,
                                       const v1::EffectivePolicy& after,
                                       const std::string& location);

// What is shared while the host is at the location.
const v1::Sharing& SharingAt(const v1::EffectivePolicy& policy, const std::string& location);

// What holds for the interface there. It points into the place's location.
Judgement JudgementOf(const Place& place, const Interface& interface,
                      const std::string& host_location);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_PLACE_H_
