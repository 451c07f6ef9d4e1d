// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_GUESTS_H_
#define FIREBREAK_POLICY_COMPILE_GUESTS_H_

#include <span>
#include <string>
#include <vector>

#include "policy/compile/compile.h"

namespace firebreak::policy {

// Interfaces behind which there is nobody but what this host itself runs or lets in, so that what
// comes in by them may pass on unless a policy says otherwise.
//
// Bridges with containers or virtual machines, and nothing else, on them. One that carries a card
// of the host, an uplink, leads outside; one without a port leads nowhere; and so does, for all
// that can be told here, one whose ports are not the kernel's (Open vSwitch).
std::vector<std::string> GuestInterfaces(std::span<const Interface> interfaces);
// VPNs, whose clients have shown who they are.
std::vector<std::string> VpnInterfaces(std::span<const Interface> interfaces);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_GUESTS_H_
