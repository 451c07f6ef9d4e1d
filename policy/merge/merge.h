#ifndef FIREBREAK_POLICY_MERGE_MERGE_H_
#define FIREBREAK_POLICY_MERGE_MERGE_H_

#include <span>
#include <string>

#include "firebreak/v1/effective.pb.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// What a host with these policies must enforce, at every location that the configuration knows.
// A host that is selected by nothing but edits stays open where they do not say otherwise; by
// nothing but edits of mappings, it stays unmanaged.
// `policies` come from a Selector of the same configuration, whose resources have all been checked.
// The same input gives the same message.
v1::EffectivePolicy Merge(const Configuration& configuration,
                          std::span<const v1::Policy* const> policies);

// The bytes that are sent and digested: equal messages give equal bytes.
std::string Serialize(const v1::EffectivePolicy& policy);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_MERGE_H_
