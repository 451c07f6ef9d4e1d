// SPDX-License-Identifier: Apache-2.0
#include "agent/enforce/sole_enforcer.h"

#include "absl/strings/str_cat.h"
#include "base/log/log.h"
#include "policy/compile/logging.h"

namespace firebreak::agent {

absl::StatusOr<SoleEnforcer> SoleEnforcer::Claim() {
  absl::StatusOr<Nflog> group = Nflog::Open(policy::kClaimGroup);
  if (group.ok()) return SoleEnforcer(*std::move(group));
  if (absl::IsAlreadyExists(group.status())) {
    return absl::FailedPreconditionError(
        "another firebreak-agent writes rules in this network namespace, and the two would undo "
        "each other's changes: stop the other agent, or run this agent in another network "
        "namespace");
  }
  LogWarning(absl::StrCat("look for another firebreak-agent: ", group.status().message()));
  return SoleEnforcer(std::nullopt);
}

}  // namespace firebreak::agent
