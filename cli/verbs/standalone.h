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

// Verbs with --local, on a host that has no controller.

// How long a change waits for a person to confirm it.
struct TrialOptions {
  absl::Duration time = absl::Seconds(30);
  bool none = false;
};
// Adds --trial and --no-trial.
void AddTrial(Verb verb, TrialOptions& options);

// Must be called in a verb's callback. With --local, refuses options of the verb that are not in
// `allowed`, because they mean nothing on one host. Without --local, refuses --trial and
// --no-trial.
void RequireLocalOptions(Verb verb, const Command& command,
                         const std::vector<std::string>& allowed);

// `files` may be empty: the agent then applies the files that it was started with.
absl::Status ApplyLocally(Invocation& invocation, const v1::ApplyRequest& files,
                          const TrialOptions& trial);
absl::Status UndoLocally(Invocation& invocation, uint64_t to, const TrialOptions& trial);
// Returns what applying the files would change. The number of hosts concerned is 0.
absl::StatusOr<v1::DiffResponse> DiffLocally(Invocation& invocation, const v1::ApplyRequest& files);
absl::StatusOr<v1::Plan> PlanLocally(Invocation& invocation, const v1::ApplyRequest& files);
absl::StatusOr<v1::GetResourcesResponse> GetLocally(Invocation& invocation,
                                                    const v1::GetResourcesRequest& request);
absl::StatusOr<v1::ListRevisionsResponse> RevisionsLocally(Invocation& invocation);

// Adds the verb `confirm`, which needs --local.
void AddConfirmVerb(Verb root, Command& command);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_STANDALONE_H_
