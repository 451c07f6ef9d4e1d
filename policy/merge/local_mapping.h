// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_LOCAL_MAPPING_H_
#define FIREBREAK_POLICY_MERGE_LOCAL_MAPPING_H_

#include "absl/strings/string_view.h"
#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/location.pb.h"

namespace firebreak::policy {

// Mappings that the host itself has opened, within the policy's `local_control`. They form layers
// below all layers of the policy, so they open only what no policy decides about. All functions in
// this file are pure.

// Adds the open mappings as the lowest layers of each location that permits them. They have
// kLocalPolicy as their policy, and a name that is unique among them. Invalid parts of a mapping
// are ignored.
void ApplyLocalMappings(const v1::LocalMappings& mappings, v1::EffectivePolicy& policy);

// Removes what ApplyLocalMappings has added. Returns whether there was anything to remove.
bool RemoveLocalMappings(v1::EffectivePolicy& policy);

// Whether any location of the policy permits the mapping.
bool LetsOpen(const v1::EffectivePolicy& policy, const v1::LocalMapping& mapping);

// Returns the open mapping of this name, or null if there is none.
const v1::LocalMapping* FindLocalMapping(const v1::LocalMappings& mappings, absl::string_view name);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_LOCAL_MAPPING_H_
