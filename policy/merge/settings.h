#ifndef FIREBREAK_POLICY_MERGE_SETTINGS_H_
#define FIREBREAK_POLICY_MERGE_SETTINGS_H_

#include "firebreak/v1/effective.pb.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// What a policy sets for all interfaces, with its mappings spelled out.
v1::Settings SettingsOf(const Configuration& configuration, const v1::Policy& policy);

// What one of its sections replaces. `outbound` in a section replaces the policy's lists, and its
// default if the section has one.
v1::InterfaceLayer SectionOf(const Configuration& configuration, const v1::Policy& policy,
                             const v1::InterfaceSettings& section);

// What it sets for the host as a whole.
v1::HostSettings HostSettingsOf(const v1::Policy& policy);
void AddLower(const v1::HostSettings& lower, v1::HostSettings& settings);

// Adds a lower policy's settings to `settings`: lists grow at their end, single values are set if
// they are not yet.
void AddLower(v1::Settings lower, v1::Settings& settings);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_SETTINGS_H_
