// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_PLAN_EVIDENCE_H_
#define FIREBREAK_CONTROLLER_PLAN_EVIDENCE_H_

#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "controller/fleet/fleet.h"
#include "controller/hosts/registry.h"
#include "controller/log/log_store.h"
#include "firebreak/v1/plan.pb.h"
#include "policy/difference/fleet_plan.h"
#include "policy/merge/select.h"

namespace firebreak::controller {

// Which evidence to gather about the traffic that a change would affect: live flows, which the
// hosts are asked for, and packets in the fleet's log. Both are judged in the same way as the
// plan's packet classes.
struct EvidenceRequest {
  // How long hosts have to answer; zero: they are not asked.
  absl::Duration live;
  // How far back the log is read; zero: not at all.
  absl::Duration log;
};

// Gathers evidence about the hosts in `concerned`. Blocks for `live`, and for a bounded time to
// read the log, so do not call it on a thread that others wait for.
v1::PlanEvidence GatherEvidence(const policy::Selector& before, const policy::Selector& after,
                                const std::vector<policy::PlannedHost>& hosts,
                                const std::set<std::string>& concerned,
                                const EvidenceRequest& request, const Registry& registry,
                                const Fleet& fleet, const LogStore& log);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_PLAN_EVIDENCE_H_
