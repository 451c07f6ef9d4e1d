// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_PLACE_H_
#define FIREBREAK_POLICY_DIFFERENCE_PLACE_H_

#include <string>
#include <vector>

#include "policy/compile/compile.h"
#include "policy/difference/judgement.h"

namespace firebreak::policy {

// A policy and one of its locations. Both must outlive this.
struct Place {
  const v1::EffectivePolicy& policy;
  const v1::EffectiveLocation& location;
};

// Returns null if the policy does not have the location.
const v1::EffectiveLocation* FindLocation(const v1::EffectivePolicy& policy,
                                          const std::string& name);

// Returns the place of an interface that proves to be at `name`. A policy that does not have this
// location treats the interface as elsewhere.
Place PlaceAt(const v1::EffectivePolicy& policy, const std::string& name);

// Returns the locations that, under either policy, may be the host's least trusted one while one of
// its interfaces is at `location`.
std::vector<std::string> HostLocations(const v1::EffectivePolicy& before,
                                       const v1::EffectivePolicy& after,
                                       const std::string& location);

// Returns the sharing in force while `location` is the host's least trusted location.
const v1::Sharing& SharingAt(const v1::EffectivePolicy& policy, const std::string& location);

// Returns how the interface is judged at the place. The result points into the place's location.
Judgement JudgementOf(const Place& place, const Interface& interface,
                      const std::string& host_location);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_PLACE_H_
