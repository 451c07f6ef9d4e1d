// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_LINKS_INTERFACE_TYPE_H_
#define FIREBREAK_AGENT_KERNEL_LINKS_INTERFACE_TYPE_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace firebreak::agent {

// The kernel's facts about an interface that determine its type.
struct LinkTraits {
  uint16_t hardware = 0;    // ARPHRD_*
  absl::string_view kind;   // IFLA_INFO_KIND: "wireguard", "bridge", …; empty for real hardware
  bool wireless = false;    // it has an 802.11 PHY in sysfs
  bool has_master = false;  // it is a port of a bridge or a bond
};

// Returns one of the types of InterfaceMatch (ethernet, wireless, ppp, vpn, bridge, vlan,
// container, tunnel, other), or "loopback", which no policy can name.
absl::string_view InterfaceType(const LinkTraits& traits);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_LINKS_INTERFACE_TYPE_H_
