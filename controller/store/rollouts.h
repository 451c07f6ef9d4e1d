// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_STORE_ROLLOUTS_H_
#define FIREBREAK_CONTROLLER_STORE_ROLLOUTS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/store/connection.h"
#include "firebreak/v1/rollout.pb.h"

namespace firebreak::controller {

// The rollouts in waves, keyed by the revision that they roll out; see
// proto/firebreak/v1/rollout.proto.

absl::StatusOr<std::optional<v1::StagedRollout>> LatestRollout(Connection& connection);

// The newest ones, the newest first.
absl::StatusOr<std::vector<v1::StagedRollout>> ListRollouts(Connection& connection, int64_t limit);

// Returns the oldest revision whose resources the rollout under way needs in order to continue
// after a start, or to be undone; none if no rollout is under way.
absl::StatusOr<std::optional<uint64_t>> OldestRevisionOfRollout(Connection& connection);

// The number of rollouts kept. Older ones are only in the audit trail.
inline constexpr int64_t kRolloutsKept = 200;

// Adds the rollout, or replaces the one of the same revision. Deletes the oldest of too many.
absl::Status PutRollout(Connection& connection, const v1::StagedRollout& rollout);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_ROLLOUTS_H_
