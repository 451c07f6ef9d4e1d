// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_CONFIRM_TRIAL_H_
#define FIREBREAK_CLI_VERBS_CONFIRM_TRIAL_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/verbs/invocation.h"

namespace firebreak::cli {

// Has a person confirm a revision that is on trial on this host for `time`. At a terminal the
// person is asked. If the rules would not let the person in again over ssh, the program says so and
// asks twice. Without a terminal, the program only prints how to confirm. Returns Aborted if the
// revision is undone.
absl::Status ConfirmTrial(Invocation& invocation, uint64_t revision, absl::Duration time);

// Tells the agent the decision about a revision; 0 means the one on trial.
absl::Status Decide(Invocation& invocation, uint64_t revision, bool keep);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_CONFIRM_TRIAL_H_
