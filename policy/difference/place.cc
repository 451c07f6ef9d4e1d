// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/place.h"

#include "policy/difference/interface_kinds.h"
#include "policy/resources/elsewhere.h"

namespace firebreak::policy {

const v1::EffectiveLocation* FindLocation(const v1::EffectivePolicy& policy,
                                          const std::string& name) {
  for (const v1::EffectiveLocation& location : policy.locations()) {
    if (location.name() == name) return &location;
  }
  return nullptr;
}

Place PlaceAt(const v1::EffectivePolicy& policy, const std::string& name) {
  const v1::EffectiveLocation* found = FindLocation(policy, name);
  return {policy, found == nullptr ? policy.locations(0) : *found};
}

std::vector<std::string> HostLocations(const v1::EffectivePolicy& before,
                                       const v1::EffectivePolicy& after,
                                       const std::string& location) {
  std::vector<std::string> names = {location};
  if (location == kElsewhere) return names;
  names.emplace_back(kElsewhere);
  for (const v1::EffectivePolicy* policy : {&before, &after}) {
    bool behind = false;
    for (const v1::EffectiveLocation& one : policy->locations()) {
      if (behind) names.push_back(one.name());
      behind = behind || one.name() == location;
    }
  }
  return names;
}

const v1::Sharing& SharingAt(const v1::EffectivePolicy& policy, const std::string& location) {
  return PlaceAt(policy, location).location.host().sharing();
}

Judgement JudgementOf(const Place& place, const Interface& interface,
                      const std::string& host_location) {
  Judgement judgement = {ProfileOf(place.location, interface.name, interface.type), {}};
  if (IsPrivate(SharingAt(place.policy, host_location), interface.name)) {
    judgement.exempt = Cause::Kind::kPrivate;
  }
  if (!place.policy.managed()) judgement.exempt = Cause::Kind::kUnmanaged;
  return judgement;
}

}  // namespace firebreak::policy
