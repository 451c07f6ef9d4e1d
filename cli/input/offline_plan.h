// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_INPUT_OFFLINE_PLAN_H_
#define FIREBREAK_CLI_INPUT_OFFLINE_PLAN_H_

#include <string>

#include "absl/status/statusor.h"
#include "firebreak/v1/admin.pb.h"
#include "firebreak/v1/plan.pb.h"

namespace firebreak::cli {

// Plans the change from one whole configuration to another, without a controller. `hosts` is the
// output of `host list -o json`. If it is empty, the plan is made for one host with the labels of
// each group and one host without labels.
absl::StatusOr<v1::Plan> OfflinePlan(const v1::ApplyRequest& before, const v1::ApplyRequest& after,
                                     const std::string& hosts);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_INPUT_OFFLINE_PLAN_H_
