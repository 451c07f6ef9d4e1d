// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ANSWER_CATALOGUE_SETTING_H_
#define FIREBREAK_AGENT_ANSWER_CATALOGUE_SETTING_H_

#include <vector>

#include "agent/answer/settings.h"
#include "agent/kernel/links/links.h"
#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/host.pb.h"
#include "policy/hardening/catalogue.h"

namespace firebreak::agent {

// Returns all values of the kernel that a setting of the catalogue maps to on this host, whether a
// policy asks for them or not: as found, and as recommended.
std::vector<v1::HostSetting> DescribeSetting(const policy::HardeningSetting& setting,
                                             const std::vector<Link>& links,
                                             const SettingReader& read);

// Adds the settings that are no value of the kernel: rules, the detector, the backlog watcher.
// `hardened` is what holds for the host.
void AddWithoutValues(const v1::Hardened& hardened, std::vector<v1::HostSetting>& described);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_CATALOGUE_SETTING_H_
