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

// Whom a change would meet: live flows of the hosts, asked of them, and what the fleet's log has
// seen, judged as the plan judges classes of packets.
struct EvidenceRequest {
  // How long hosts have to answer; zero: they are not asked.
  absl::Duration live;
  // The log of so long is read; zero: none.
  absl::Duration log;
};

// About the hosts with these names. Blocks for `live`, and for the time that the log takes, which
// is bounded: not for a thread that others wait for.
v1::PlanEvidence GatherEvidence(const policy::Selector& before, const policy::Selector& after,
                                const std::vector<policy::PlannedHost>& hosts,
                                const std::set<std::string>& concerned,
                                const EvidenceRequest& request, const Registry& registry,
                                const Fleet& fleet, const LogStore& log);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_PLAN_EVIDENCE_H_
