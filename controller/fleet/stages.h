// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FLEET_STAGES_H_
#define FIREBREAK_CONTROLLER_FLEET_STAGES_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "controller/fleet/published_revision.h"

namespace firebreak::controller {

// Who has which revision while a rollout is under way: the hosts that it has reached are to have
// the newest, all others the one before it, those included that enrol meanwhile; but hosts that a
// rollout had reached which this one has superseded keep what that has given them.
struct Stages {
  using Line = absl::flat_hash_map<std::string, size_t>;  // place by host
  using Kept = absl::flat_hash_map<std::string, std::shared_ptr<PublishedRevision>>;  // by host

  std::shared_ptr<PublishedRevision> before;
  std::shared_ptr<const Line> line;
  size_t reached = 0;
  std::shared_ptr<const Kept> kept = nullptr;  // null: none

  bool Reaches(absl::string_view host) const {
    const auto found = line->find(host);
    return found != line->end() && found->second < reached;
  }

  // What a host has that is not reached.
  const std::shared_ptr<PublishedRevision>& Before(absl::string_view host) const {
    if (kept == nullptr) return before;
    const auto found = kept->find(host);
    return found == kept->end() ? before : found->second;
  }
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_STAGES_H_
