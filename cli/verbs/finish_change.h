#ifndef FIREBREAK_CLI_VERBS_FINISH_CHANGE_H_
#define FIREBREAK_CLI_VERBS_FINISH_CHANGE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/verbs/session.h"
#include "cli/verbs/verb.h"
#include "firebreak/v1/admin.pb.h"
#include "firebreak/v1/report.pb.h"

namespace firebreak::cli {

struct WaitOptions {
  bool wait = false;
  // Longer than an agent tries to reach the controller, so that what it undoes is heard of.
  absl::Duration timeout = absl::Seconds(60);
};

// --wait and --timeout, for every verb that makes a revision.
void AddWait(Verb verb, WaitOptions& options);
void AddTimeout(Verb verb, WaitOptions& options);

// A change that was accepted, and how far it has come.
struct FinishedChange {
  v1::ChangeReport report;
  absl::Status outcome;
};

// Tells of the change as a table does, if that is the session's format, and of its warnings; waits,
// if asked to, until every host that it concerns and that is online has applied or refused it, with
// progress on the standard error. Aborted unless all that should have it do.
FinishedChange AwaitChange(Session& session, const v1::ApplyResponse& response,
                           const WaitOptions& options);

// Prints the report in the other formats. Returns the outcome.
absl::Status PrintChange(Session& session, const FinishedChange& change);

// All that comes after a change.
absl::Status FinishChange(Session& session, const absl::StatusOr<v1::ApplyResponse>& response,
                          const WaitOptions& options);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_FINISH_CHANGE_H_
