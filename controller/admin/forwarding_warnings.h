// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_FORWARDING_WARNINGS_H_
#define FIREBREAK_CONTROLLER_ADMIN_FORWARDING_WARNINGS_H_

#include <span>
#include <string>
#include <vector>

#include "controller/store/hosts.h"
#include "policy/merge/select.h"

namespace firebreak::controller {

// Warns of what a change means for hosts that have reported to forward packets: interfaces through
// which new flows pass now and will be dropped, unless a rule of `forward` or a port mapping allows
// them. Hosts with the same reason share a warning.
std::vector<std::string> ForwardingWarnings(const policy::Selector& before,
                                            const policy::Selector& after,
                                            std::span<const StoredHost> hosts);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_FORWARDING_WARNINGS_H_
