// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_FINISH_CHANGE_H_
#define FIREBREAK_CLI_VERBS_FINISH_CHANGE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/verbs/invocation.h"
#include "cli/verbs/verb.h"
#include "firebreak/v1/admin.pb.h"
#include "firebreak/v1/report.pb.h"

namespace firebreak::cli {

struct WaitOptions {
  bool wait = false;
  // Longer than an agent tries to reach the controller, so that an undo is still reported.
  absl::Duration timeout = absl::Seconds(60);
};

// Add --wait and --timeout to a verb that makes a revision.
void AddWait(Verb verb, WaitOptions& options);
void AddTimeout(Verb verb, WaitOptions& options);

// An accepted change and its progress.
struct FinishedChange {
  v1::ChangeReport report;
  absl::Status outcome;
};

// Prints a summary of the change, if the invocation's format is the table, and its warnings. If
// asked to, waits until every concerned host that is online has applied or refused the change, with
// progress on the standard error. The outcome is Aborted unless all of them have applied it.
FinishedChange AwaitChange(Invocation& invocation, const v1::ApplyResponse& response,
                           const WaitOptions& options);

// Prints the report in the other formats, and returns the outcome.
absl::Status PrintChange(Invocation& invocation, const FinishedChange& change);

// Does everything that follows a change: AwaitChange, then PrintChange.
absl::Status FinishChange(Invocation& invocation, const absl::StatusOr<v1::ApplyResponse>& response,
                          const WaitOptions& options);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_FINISH_CHANGE_H_
