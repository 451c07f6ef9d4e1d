// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_STORE_ROLLOUTS_H_
#define FIREBREAK_CONTROLLER_STORE_ROLLOUTS_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/store/connection.h"
#include "firebreak/v1/rollout.pb.h"

namespace firebreak::controller {

// The rollouts in waves, keyed by the revision that they roll out; see
// proto/firebreak/v1/rollout.proto.

absl::StatusOr<std::optional<v1::StagedRollout>> LatestRollout(Connection& connection);

// Adds the rollout, or replaces the one of the same revision.
absl::Status PutRollout(Connection& connection, const v1::StagedRollout& rollout);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_ROLLOUTS_H_
