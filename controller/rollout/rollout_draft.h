// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ROLLOUT_ROLLOUT_DRAFT_H_
#define FIREBREAK_CONTROLLER_ROLLOUT_ROLLOUT_DRAFT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "controller/fleet/published_revision.h"
#include "controller/fleet/stages.h"
#include "controller/hosts/registry.h"
#include "firebreak/v1/rollout.pb.h"
#include "policy/rollout/waves.h"

namespace firebreak::controller {

// How a change is to go out.
struct RolloutChoice {
  std::string strategy;  // a strategy's name; empty: `default`, or the built-in one
  bool all_at_once = false;
  // Whether it may replace a rollout that is under way.
  bool supersede = false;
};

// The waves in which a change would go out.
struct RolloutDraft {
  v1::RolloutStrategy strategy;
  policy::Waves waves;
  // The revisions that hosts keep until they are reached, where these differ from the revision that
  // the rollout replaces.
  std::map<uint64_t, v1::RevisionHosts> keeps;
};

// Returns the waves that replace `before` by `after`; none if all hosts get the change at once,
// because the choice says so or because few hosts are concerned. `superseded`, which may be null,
// is the rollout that this one replaces: hosts that it has reached come first, and all others still
// have the revision that it began with. Returns NotFound if there is no such strategy.
absl::StatusOr<std::optional<RolloutDraft>> DraftRollout(PublishedRevision& before,
                                                         PublishedRevision& after,
                                                         const Registry& registry,
                                                         const RolloutChoice& choice,
                                                         const Stages* superseded);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ROLLOUT_ROLLOUT_DRAFT_H_
