// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ROLLOUT_ROLLOUT_REPORT_H_
#define FIREBREAK_CONTROLLER_ROLLOUT_ROLLOUT_REPORT_H_

#include <functional>
#include <string>

#include "firebreak/v1/rollout.pb.h"
#include "policy/rollout/rollout.h"

namespace firebreak::controller {

// Returns what people are told about the rollout with this record: its waves with a few host names
// each, and how many of the reached hosts have made which progress. `progress` returns a reached
// host's progress.
v1::StagedRollout ReportOf(const v1::StagedRollout& record,
                           const std::function<policy::HostProgress(const std::string&)>& progress);

// The same for a rollout of which only the record is known: the number of hosts in each wave, and
// how many were reached.
v1::StagedRollout PastReportOf(const v1::StagedRollout& record);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ROLLOUT_ROLLOUT_REPORT_H_
