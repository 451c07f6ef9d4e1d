// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ROLLOUT_ROLLOUT_REPORT_H_
#define FIREBREAK_CONTROLLER_ROLLOUT_ROLLOUT_REPORT_H_

#include <functional>
#include <string>

#include "firebreak/v1/rollout.pb.h"
#include "policy/rollout/rollout.h"

namespace firebreak::controller {

// What people are told of a rollout with this record: its waves with the first few of their hosts,
// and how many of those reached stand how. `progress` says how a reached host stands.
v1::StagedRollout ReportOf(const v1::StagedRollout& record,
                           const std::function<policy::HostProgress(const std::string&)>& progress);

// The same of a rollout of which only the record is known: how many hosts each wave has, and how
// many it has reached.
v1::StagedRollout PastReportOf(const v1::StagedRollout& record);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ROLLOUT_ROLLOUT_REPORT_H_
