// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_CONFIRM_TRIAL_H_
#define FIREBREAK_CLI_VERBS_CONFIRM_TRIAL_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/verbs/invocation.h"

namespace firebreak::cli {

// Has a revision confirmed that is on trial on this host for `time`. At a terminal the person is
// asked; if the rules would not let him in again by the way that he came (ssh), he is told, and has
// to say it twice. Without a terminal it is only said how to confirm. Aborted: the revision is
// undone.
absl::Status ConfirmTrial(Invocation& invocation, uint64_t revision, absl::Duration time);

// Tells the agent the decision about a revision; 0: the one on trial.
absl::Status Decide(Invocation& invocation, uint64_t revision, bool keep);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_CONFIRM_TRIAL_H_
