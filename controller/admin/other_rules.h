// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_OTHER_RULES_H_
#define FIREBREAK_CONTROLLER_ADMIN_OTHER_RULES_H_

#include <cstdint>
#include <vector>

#include "controller/fleet/published_revision.h"
#include "controller/store/hosts.h"

namespace firebreak::controller {

// Returns how many of the hosts have other rules under `after` than under `before`. These are fewer
// than the hosts that get another policy, because a policy may differ only in locations that make
// no difference to a host.
uint32_t CountHostsWithOtherRules(PublishedRevision& before, PublishedRevision& after,
                                  const std::vector<HostRecord>& hosts);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_OTHER_RULES_H_
