// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_LOCAL_MAPPING_H_
#define FIREBREAK_POLICY_MERGE_LOCAL_MAPPING_H_

#include "absl/strings/string_view.h"
#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/location.pb.h"

namespace firebreak::policy {

// Mappings that the host itself has opened, within the policy's `local_control`. They stand below
// every layer of the policy: what a policy blocks stays blocked, and only what no policy says
// anything about is opened. All functions in this file are pure.

// Adds the open mappings as the lowest layers of each location that permits them. They bear
// kLocalPolicy in place of a policy's name, and their own name, which is unique among them. What
// such a mapping's text does not say validly is left out.
void ApplyLocalMappings(const v1::LocalMappings& mappings, v1::EffectivePolicy& policy);

// Removes what ApplyLocalMappings has added. Returns whether there was anything.
bool RemoveLocalMappings(v1::EffectivePolicy& policy);

// Whether any location of the policy permits the mapping.
bool LetsOpen(const v1::EffectivePolicy& policy, const v1::LocalMapping& mapping);

// The open mapping with this name; null: there is none.
const v1::LocalMapping* FindLocalMapping(const v1::LocalMappings& mappings, absl::string_view name);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_LOCAL_MAPPING_H_
