// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_VERSION_WARNINGS_H_
#define FIREBREAK_CONTROLLER_ADMIN_VERSION_WARNINGS_H_

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "controller/fleet/published_revision.h"
#include "controller/plan/plan_change.h"
#include "controller/store/hosts.h"

namespace firebreak::controller {

// A plan compares the rules that this version of the program makes of two revisions. Returns
// warnings for hosts on which something else may happen:
// - hosts that would get another policy and whose agent has another version, or has never reported
//   its version, or lacks a capability that the policy needs and so keeps its policy;
// - hosts that do not have the policy that this program makes of `before`, because they were off, a
//   rollout has not reached them, or another version of the program with another catalogue has made
//   it.
// `capabilities` has the connected hosts.
std::vector<std::string> VersionWarnings(PublishedRevision& before, PublishedRevision& after,
                                         std::span<const StoredHost> hosts,
                                         const LabelChanges& labels,
                                         const std::map<std::string, uint32_t>& capabilities);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_VERSION_WARNINGS_H_
