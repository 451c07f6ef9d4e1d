// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ANSWER_DEMANDED_SETTINGS_H_
#define FIREBREAK_AGENT_ANSWER_DEMANDED_SETTINGS_H_

#include <cstdint>
#include <map>
#include <string>

#include "firebreak/v1/effective.pb.h"

namespace firebreak::agent {

// The value that a policy needs a kernel setting to have.
struct SettingDemand {
  int64_t value = 0;
  std::string policy;
  std::string why;
};

// Returns the kernel settings that a host's policies depend on at any location, by their names
// below /proc/sys. The agent makes these settings by itself when it enforces the policies
// (policy/compile/kernel_settings.h); the list is for readers who judge a host by a hardening
// guide.
std::map<std::string, SettingDemand> DemandedSettings(const v1::EffectivePolicy& policy);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_DEMANDED_SETTINGS_H_
