#ifndef FIREBREAK_POLICY_COMPILE_KERNEL_SETTINGS_H_
#define FIREBREAK_POLICY_COMPILE_KERNEL_SETTINGS_H_

#include <map>
#include <string>

#include "policy/ruleset/ruleset.h"

namespace firebreak::policy {

// What the kernel must be set to for a ruleset to mean what it says: values by their names below
// /proc/sys (Documentation/networking/{ip-sysctl,nf_conntrack-sysctl}.rst).
std::map<std::string, std::string> KernelSettingsFor(const ruleset::Ruleset& ruleset);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_KERNEL_SETTINGS_H_
