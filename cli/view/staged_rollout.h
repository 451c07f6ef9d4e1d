// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_STAGED_ROLLOUT_H_
#define FIREBREAK_CLI_VIEW_STAGED_ROLLOUT_H_

#include <string>

#include "absl/status/status.h"
#include "firebreak/v1/rollout.pb.h"

namespace firebreak::cli {

// Returns a page about the rollout, its waves and the possible next steps.
std::string StagedRolloutPage(const v1::StagedRollout& rollout, bool colours);

// Returns a table of rollouts, a line each.
std::string StagedRolloutList(const google::protobuf::RepeatedPtrField<v1::StagedRollout>& rollouts,
                              bool colours);

// Returns a line such as "revision 13: wave 2 of 4, 3 of 20 hosts reached, soaking".
std::string StagedRolloutLine(const v1::StagedRollout& rollout);

// Returns a line for the user who made the change: the waves in which it goes out, and how to watch
// them.
std::string WavesLine(const v1::StagedRollout& rollout);

// Whether watching may end because the rollout has ended or waits for a person.
bool IsSettled(const v1::StagedRollout& rollout);

// Returns OK if the rollout is complete; otherwise an error that says how it ended, or that it
// waits for a person.
absl::Status StagedRolloutOutcome(const v1::StagedRollout& rollout);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_STAGED_ROLLOUT_H_
