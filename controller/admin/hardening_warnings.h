// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_HARDENING_WARNINGS_H_
#define FIREBREAK_CONTROLLER_ADMIN_HARDENING_WARNINGS_H_

#include <span>
#include <string>
#include <vector>

#include "controller/store/hosts.h"
#include "policy/merge/select.h"

namespace firebreak::controller {

// Whether a policy sets `hardening`; if none does, there are no HardeningWarnings.
bool Hardens(const policy::Configuration& configuration);

// Warns where a change makes one policy's `hardening` contradict what another policy needs on the
// same host, and names the hosts.
std::vector<std::string> HardeningWarnings(const policy::Selector& before,
                                           const policy::Selector& after,
                                           std::span<const StoredHost> hosts);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_HARDENING_WARNINGS_H_
