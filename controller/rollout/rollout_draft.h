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
  std::string strategy;  // a RolloutStrategy's name; empty: `default`, or the program's own
  bool all_at_once = false;
  // It may take the place of a rollout that is under way.
  bool supersede = false;
};

// The waves in which a change would go out.
struct RolloutDraft {
  v1::RolloutStrategy strategy;
  policy::Waves waves;
  // What hosts have until they are reached, where it is not what the rollout begins with.
  std::map<uint64_t, v1::RevisionHosts> keeps;
};

// Returns the waves of `after` in place of `before`; none: all hosts get it at once, as the choice
// says so or as few hosts are concerned. `superseded` is the rollout whose place it takes: the
// hosts that this has reached come first, and all others come from what it began with; null: there
// is none. NotFound: there is no such strategy.
absl::StatusOr<std::optional<RolloutDraft>> DraftRollout(PublishedRevision& before,
                                                         PublishedRevision& after,
                                                         const Registry& registry,
                                                         const RolloutChoice& choice,
                                                         const Stages* superseded);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ROLLOUT_ROLLOUT_DRAFT_H_
