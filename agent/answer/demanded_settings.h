#ifndef FIREBREAK_AGENT_ANSWER_DEMANDED_SETTINGS_H_
#define FIREBREAK_AGENT_ANSWER_DEMANDED_SETTINGS_H_

#include <cstdint>
#include <map>
#include <string>

#include "firebreak/v1/effective.pb.h"

namespace firebreak::agent {

// What a policy needs a setting of the kernel to be.
struct SettingDemand {
  int64_t value = 0;
  std::string policy;
  std::string why;
};

// What a host's policies, at whatever location, need settings to be, by their names below
// /proc/sys. The agent sets them by itself when it enforces the policies
// (policy/compile/kernel_settings.h); whoever judges a host by a guide should know.
std::map<std::string, SettingDemand> DemandedSettings(const v1::EffectivePolicy& policy);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_DEMANDED_SETTINGS_H_
