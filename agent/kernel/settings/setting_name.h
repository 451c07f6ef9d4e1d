// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_SETTINGS_SETTING_NAME_H_
#define FIREBREAK_AGENT_KERNEL_SETTINGS_SETTING_NAME_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firebreak::agent {

// The parts of a name such as net/ipv4/conf/eth0/rp_filter.
struct InterfaceSetting {
  std::string family;     // "net/ipv4/conf/"
  std::string interface;  // may be "all" or "default"
  std::string key;        // "/rp_filter"

  std::string Of(absl::string_view other) const;
};

// Returns none if the name is not an interface's sysctl.
std::optional<InterfaceSetting> ParseInterfaceSetting(absl::string_view name);

// Returns the sysctls that the kernel changes by itself when this one is written. When a host
// begins or stops to forward, the kernel changes forwarding on all interfaces, and IPv4's
// acceptance of redirects (inet_forward_change, addrconf_fixup_forwarding).
std::vector<std::string> SideEffectsOf(absl::string_view name);

// Returns the rank in which values must be written, lower ones first, so that none undoes another.
int OrderOf(absl::string_view name);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_SETTINGS_SETTING_NAME_H_
