// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_SETTINGS_H_
#define FIREBREAK_POLICY_MERGE_SETTINGS_H_

#include "firebreak/v1/effective.pb.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// Returns what a policy sets for all interfaces, with its mappings resolved.
v1::Settings SettingsOf(const Configuration& configuration, const v1::Policy& policy);

// Returns what a section of the policy replaces. If the section has `outbound`, this replaces the
// policy's lists, and also its default if the section has one.
v1::InterfaceLayer SectionOf(const Configuration& configuration, const v1::Policy& policy,
                             const v1::InterfaceSettings& section);

// Returns what the policy sets for the host as a whole.
v1::HostSettings HostSettingsOf(const v1::Policy& policy);
void AddLower(const v1::HostSettings& lower, v1::HostSettings& settings);

// Adds a lower policy's settings to `settings`: lists grow at their end, and single values are set
// only if they are unset.
void AddLower(v1::Settings lower, v1::Settings& settings);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_SETTINGS_H_
