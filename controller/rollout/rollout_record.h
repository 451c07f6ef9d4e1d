#ifndef FIREBREAK_CONTROLLER_ROLLOUT_ROLLOUT_RECORD_H_
#define FIREBREAK_CONTROLLER_ROLLOUT_ROLLOUT_RECORD_H_

#include "absl/status/statusor.h"
#include "firebreak/v1/rollout.pb.h"
#include "policy/rollout/rollout.h"
#include "policy/rollout/waves.h"

namespace firebreak::controller {

// A rollout as the database keeps it, and as a value that can take a step.

// The rollout that a strategy makes of these waves, before its first step.
policy::Rollout NewRollout(const v1::RolloutStrategy& strategy, const policy::Waves& waves,
                           uint64_t from, uint64_t to);

// DataLoss: no rollout could have come to this.
absl::StatusOr<policy::Rollout> ReadRollout(const v1::StagedRollout& record);

// Writes what a step may change; who made the rollout and its strategy stay.
void WriteProgress(const policy::Rollout& rollout, v1::StagedRollout& record);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ROLLOUT_ROLLOUT_RECORD_H_
