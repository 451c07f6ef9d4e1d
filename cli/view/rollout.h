// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_ROLLOUT_H_
#define FIREBREAK_CLI_VIEW_ROLLOUT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::cli {

// Returns a line such as "3 of 12 hosts have applied revision 7".
std::string RolloutLine(const v1::Rollout& rollout);

// Returns OK if every concerned host has applied the revision. Otherwise returns an error that
// lists the hosts that refused or undid it, their reasons and, if `timed_out`, the hosts that have
// not answered yet.
absl::Status RolloutOutcome(const v1::Rollout& rollout, bool timed_out, absl::Duration timeout);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_ROLLOUT_H_
