// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/guests.h"

namespace firebreak::policy {
namespace {

// A bridge's port for a guest: a container's cable, or a virtual machine's tap.
bool IsGuestsPort(const Interface& port) { return port.type == "container" || port.type == "vpn"; }

}  // namespace

std::vector<std::string> GuestInterfaces(std::span<const Interface> interfaces) {
  std::vector<std::string> names;
  for (const Interface& bridge : interfaces) {
    if (bridge.type != "bridge" || bridge.index == 0) continue;
    bool any = false, only = true;
    for (const Interface& port : interfaces) {
      if (!port.is_port || port.master != bridge.index) continue;
      any = true;
      only = only && IsGuestsPort(port);
    }
    if (any && only) names.push_back(bridge.name);
  }
  return names;
}

std::vector<std::string> VpnInterfaces(std::span<const Interface> interfaces) {
  std::vector<std::string> names;
  for (const Interface& one : interfaces) {
    if (one.type == "vpn" && !one.is_port) names.push_back(one.name);
  }
  return names;
}

}  // namespace firebreak::policy
