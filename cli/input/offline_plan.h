#ifndef FIREBREAK_CLI_INPUT_OFFLINE_PLAN_H_
#define FIREBREAK_CLI_INPUT_OFFLINE_PLAN_H_

#include <string>

#include "absl/status/statusor.h"
#include "firebreak/v1/admin.pb.h"
#include "firebreak/v1/plan.pb.h"

namespace firebreak::cli {

// What lies between two whole configurations, without a controller. `hosts` is what `host list -o
// json` prints; empty: for want of hosts the plan is about one with the labels of each group, and
// one with none.
//
// InvalidArgument with Problems: a configuration is not valid.
absl::StatusOr<v1::Plan> OfflinePlan(const v1::ApplyRequest& before, const v1::ApplyRequest& after,
                                     const std::string& hosts);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_INPUT_OFFLINE_PLAN_H_
