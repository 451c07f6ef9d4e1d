// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_FORWARDING_WARNINGS_H_
#define FIREBREAK_CONTROLLER_ADMIN_FORWARDING_WARNINGS_H_

#include <span>
#include <string>
#include <vector>

#include "controller/store/hosts.h"
#include "policy/merge/select.h"

namespace firebreak::controller {

// What a change means for hosts that forward packets, as far as they have told: each of whose
// interfaces lets new flows through now and drops them afterwards, unless a rule of `forward` or a
// port mapping allows them. Hosts with the same reason are told together.
std::vector<std::string> ForwardingWarnings(const policy::Selector& before,
                                            const policy::Selector& after,
                                            std::span<const StoredHost> hosts);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_FORWARDING_WARNINGS_H_
