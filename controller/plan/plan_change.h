// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_PLAN_PLAN_CHANGE_H_
#define FIREBREAK_CONTROLLER_PLAN_PLAN_CHANGE_H_

#include <map>
#include <span>
#include <string>
#include <vector>

#include "controller/fleet/published_revision.h"
#include "controller/store/hosts.h"
#include "firebreak/v1/plan.pb.h"
#include "policy/difference/fleet_plan.h"
#include "policy/resources/plan.h"

namespace firebreak::controller {

// Changes of labels, by host and key.
using LabelChanges = std::map<std::string, std::map<std::string, std::string>>;
// Returns the host's labels after the changes.
std::map<std::string, std::string> LabelsAfter(const HostRecord& host, const LabelChanges& changes);

// Returns the hosts with their labels before and after the changes.
std::vector<policy::PlannedHost> PlannedHosts(const std::vector<HostRecord>& hosts,
                                              const LabelChanges& labels);

// Returns what a change of the configuration, of labels, or of both would do to these hosts. This
// may take a second for a fleet of thousands, so do not call it on a thread that others wait for.
v1::Plan PlanChange(const PublishedRevision& current, const policy::Configuration& next,
                    const std::vector<HostRecord>& hosts, const LabelChanges& labels,
                    std::span<const policy::SourceFile> files);

// Returns an ID that is equal for the same change to the same revision and the same hosts with the
// same labels. A change can thus be made conditional on the plan that was seen.
std::string PlanId(const PublishedRevision& current, const policy::Configuration& next,
                   const std::vector<HostRecord>& hosts);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_PLAN_PLAN_CHANGE_H_
