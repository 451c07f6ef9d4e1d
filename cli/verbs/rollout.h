// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_ROLLOUT_H_
#define FIREBREAK_CLI_VERBS_ROLLOUT_H_

#include <string>

#include "absl/status/statusor.h"
#include "cli/verbs/invocation.h"
#include "cli/verbs/verb.h"
#include "firebreak/v1/rollout.pb.h"

namespace firebreak::cli {

// How a change is to reach the hosts.
struct MannerOptions {
  std::string strategy;
  bool all_at_once = false;
  bool supersede = false;
  std::string override;
};

// Adds --strategy, --all-at-once and --supersede.
void AddWaves(Verb verb, MannerOptions& options);
// Adds the same and --override.
void AddManner(Verb verb, MannerOptions& options);

template <typename Request>
void SetManner(const MannerOptions& options, Request& request) {
  request.set_strategy(options.strategy);
  request.set_all_at_once(options.all_at_once);
  request.set_supersede(options.supersede);
  request.set_override(options.override);
}

// Follows the newest rollout in waves, with progress on a terminal, until it is complete, undone,
// or waits for a person.
absl::StatusOr<v1::StagedRollout> FollowRollout(Invocation& invocation);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_ROLLOUT_H_
