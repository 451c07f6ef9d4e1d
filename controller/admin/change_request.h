// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_CHANGE_REQUEST_H_
#define FIREBREAK_CONTROLLER_ADMIN_CHANGE_REQUEST_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "controller/fleet/published_revision.h"
#include "controller/hosts/registry.h"
#include "controller/rollout/rollout_keeper.h"
#include "firebreak/v1/admin.pb.h"
#include "policy/resources/plan.h"

// Between requests for a change and what the policy engine takes and gives.
namespace firebreak::controller {

std::vector<policy::SourceFile> FilesOf(const v1::ApplyRequest& request);
policy::FileSet SetOf(const v1::ApplyRequest& request);

template <typename Request>
RolloutKeeper::Choice ChoiceOf(const Request& request) {
  return {.strategy = request.strategy(),
          .all_at_once = request.all_at_once(),
          .supersede = request.supersede()};
}

v1::Change ProtoChange(const policy::Change& change);

// Seconds since 1970.
int64_t Now();

// InvalidArgument with Problems: a host's merged policy at `next` cannot be sent to the host.
absl::Status CheckDeliverable(const Registry& registry, PublishedRevision& next);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_CHANGE_REQUEST_H_
