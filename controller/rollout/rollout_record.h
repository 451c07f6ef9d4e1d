// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ROLLOUT_ROLLOUT_RECORD_H_
#define FIREBREAK_CONTROLLER_ROLLOUT_ROLLOUT_RECORD_H_

#include "absl/status/statusor.h"
#include "firebreak/v1/rollout.pb.h"
#include "policy/rollout/rollout.h"
#include "policy/rollout/waves.h"

namespace firebreak::controller {

// Returns the rollout, before its first step, that a strategy makes of these waves.
policy::Rollout NewRollout(const v1::RolloutStrategy& strategy, const policy::Waves& waves,
                           uint64_t from, uint64_t to);

// Reads a rollout from the database's form. DataLoss: no rollout can have reached this state.
absl::StatusOr<policy::Rollout> ReadRollout(const v1::StagedRollout& record);

// Writes the parts that a step may change; the rollout's author and strategy stay.
void WriteProgress(const policy::Rollout& rollout, v1::StagedRollout& record);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ROLLOUT_ROLLOUT_RECORD_H_
