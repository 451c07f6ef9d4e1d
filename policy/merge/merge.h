// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_MERGE_H_
#define FIREBREAK_POLICY_MERGE_MERGE_H_

#include <span>
#include <string>

#include "firebreak/v1/effective.pb.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// Returns what a host with these policies must enforce, at every location that the configuration
// knows. A host that only edits select stays open where the edits do not say otherwise; if they are
// only edits of mappings, the host stays unmanaged. `policies` must come from a Selector of the
// same configuration, whose resources must all have been checked. The same input gives the same
// message. If it would exceed the limits of CheckEffective, locations may be missing, but the
// message exceeds them all the same.
v1::EffectivePolicy Merge(const Configuration& configuration,
                          std::span<const v1::Policy* const> policies);

// Returns the bytes that are sent and digested. Equal messages give equal bytes.
std::string Serialize(const v1::EffectivePolicy& policy);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_MERGE_H_
