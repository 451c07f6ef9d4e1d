// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/rules.h"

#include "policy/merge/merge.h"

namespace firebreak::policy {
namespace {

// Returns the settings at the location, without its name and its proof.
std::string Contents(const v1::EffectiveLocation& location) {
  v1::EffectivePolicy alone;
  *alone.add_locations() = location;
  alone.mutable_locations(0)->clear_name();
  alone.mutable_locations(0)->clear_proof();
  return Serialize(alone);
}

}  // namespace

v1::EffectivePolicy RulesOf(const v1::EffectivePolicy& policy) {
  v1::EffectivePolicy rules;
  rules.set_managed(policy.managed());
  if (!policy.managed() || policy.locations().empty()) return rules;
  const std::string elsewhere = Contents(policy.locations(0));
  for (const v1::EffectiveLocation& location : policy.locations()) {
    const bool is_elsewhere = rules.locations().empty();
    if (is_elsewhere || Contents(location) != elsewhere) *rules.add_locations() = location;
  }
  return rules;
}

}  // namespace firebreak::policy
