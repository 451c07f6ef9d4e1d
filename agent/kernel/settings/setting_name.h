// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_SETTINGS_SETTING_NAME_H_
#define FIREBREAK_AGENT_KERNEL_SETTINGS_SETTING_NAME_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firebreak::agent {

// net/ipv4/conf/eth0/rp_filter, in parts.
struct InterfaceSetting {
  std::string family;     // "net/ipv4/conf/"
  std::string interface;  // "all" and "default" too
  std::string key;        // "/rp_filter"

  std::string Of(absl::string_view other) const;
};

// None: it is no value of an interface's.
std::optional<InterfaceSetting> ParseInterfaceSetting(absl::string_view name);

// What the kernel changes by itself when this value is written: a host that begins or ceases to
// forward does so on all interfaces, and takes no redirects (inet_forward_change,
// addrconf_fixup_forwarding).
std::vector<std::string> SideEffectsOf(absl::string_view name);

// In which order values are written, so that none undoes another: lower ones first.
int OrderOf(absl::string_view name);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_SETTINGS_SETTING_NAME_H_
