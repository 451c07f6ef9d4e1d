// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_STANDALONE_H_
#define FIREBREAK_CLI_VERBS_STANDALONE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/verbs/command.h"
#include "cli/verbs/invocation.h"
#include "cli/verbs/verb.h"
#include "firebreak/v1/admin.pb.h"
#include "firebreak/v1/plan.pb.h"

namespace firebreak::cli {

// Verbs on a host that has no controller, with --local.

// How long a change waits for somebody to confirm it.
struct TrialOptions {
  absl::Duration time = absl::Seconds(30);
  bool none = false;
};
// --trial and --no-trial.
void AddTrial(Verb verb, TrialOptions& options);

// In a verb's callback. With --local: refuses options of the verb other than `allowed`, which mean
// nothing on one host. Without: refuses --trial and --no-trial.
void RequireLocalOptions(Verb verb, const Command& command,
                         const std::vector<std::string>& allowed);

// `files` may be none: those that the agent was started with.
absl::Status ApplyLocally(Invocation& invocation, const v1::ApplyRequest& files,
                          const TrialOptions& trial);
absl::Status UndoLocally(Invocation& invocation, uint64_t to, const TrialOptions& trial);
// What applying the files would change; the number of hosts concerned is 0.
absl::StatusOr<v1::DiffResponse> DiffLocally(Invocation& invocation, const v1::ApplyRequest& files);
absl::StatusOr<v1::Plan> PlanLocally(Invocation& invocation, const v1::ApplyRequest& files);
absl::StatusOr<v1::GetResourcesResponse> GetLocally(Invocation& invocation,
                                                    const v1::GetResourcesRequest& request);
absl::StatusOr<v1::ListRevisionsResponse> RevisionsLocally(Invocation& invocation);

// confirm, which is for --local only.
void AddConfirmVerb(Verb root, Command& command);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_STANDALONE_H_
