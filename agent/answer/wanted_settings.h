// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ANSWER_WANTED_SETTINGS_H_
#define FIREBREAK_AGENT_ANSWER_WANTED_SETTINGS_H_

#include <map>
#include <string>
#include <vector>

#include "agent/answer/settings.h"
#include "agent/kernel/settings/settings.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::agent {

// Adds to what guides say of settings what is wanted of them and by whom, and those that no guide
// names; and what is held back, by setting of the catalogue (policy::Reconcile).
void AddWanted(const std::vector<SettingState>& states,
               const std::map<std::string, std::string>& held_back, const SettingReader& read,
               std::vector<v1::HostSetting>& described);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_WANTED_SETTINGS_H_
