// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_GUESTS_H_
#define FIREBREAK_POLICY_COMPILE_GUESTS_H_

#include <span>
#include <string>
#include <vector>

#include "policy/compile/compile.h"

namespace firebreak::policy {

// Returns the interfaces behind which there is nothing but what this host itself runs. What comes
// in by them may pass through the host unless a policy says otherwise.
//
// These are bridges whose ports all lead to containers or virtual machines. A bridge with a card of
// the host as its port leads outside. A bridge without ports is not included; its ports may be
// unknown to the kernel (Open vSwitch).
std::vector<std::string> GuestInterfaces(std::span<const Interface> interfaces);
// Returns VPN interfaces, whose clients have been authenticated.
std::vector<std::string> VpnInterfaces(std::span<const Interface> interfaces);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_GUESTS_H_
