#ifndef FIREBREAK_CLI_VERBS_FINISH_CHANGE_H_
#define FIREBREAK_CLI_VERBS_FINISH_CHANGE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/verbs/session.h"
#include "cli/verbs/verb.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::cli {

struct WaitOptions {
  bool wait = false;
  // Longer than an agent tries to reach the controller, so that what it undoes is heard of.
  absl::Duration timeout = absl::Seconds(60);
};

// --wait and --timeout, for every verb that makes a revision.
void AddWait(Verb verb, WaitOptions& options);

// What comes after a change was accepted: prints it and, if asked to, waits until every connected
// host that it concerns has applied or refused it, with progress on the standard error.
absl::Status FinishChange(Session& session, const absl::StatusOr<v1::ApplyResponse>& response,
                          const WaitOptions& options);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_FINISH_CHANGE_H_
