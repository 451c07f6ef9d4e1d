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

// Which revision each host is to have while a rollout is under way. Hosts that the rollout has
// reached are to have the newest revision. All others keep the one before it, including hosts that
// enrol meanwhile. A host that a superseded rollout had reached keeps that rollout's revision
// instead, until this one reaches it.
struct Stages {
  using Line = absl::flat_hash_map<std::string, size_t>;  // place in the line, by host
  using Kept = absl::flat_hash_map<std::string, std::shared_ptr<PublishedRevision>>;  // by host

  std::shared_ptr<PublishedRevision> before;
  std::shared_ptr<const Line> line;
  size_t reached = 0;
  std::shared_ptr<const Kept> kept = nullptr;  // null: no such hosts

  bool Reaches(absl::string_view host) const {
    const auto found = line->find(host);
    return found != line->end() && found->second < reached;
  }

  // Returns the revision of a host that has not been reached.
  const std::shared_ptr<PublishedRevision>& Before(absl::string_view host) const {
    if (kept == nullptr) return before;
    const auto found = kept->find(host);
    return found == kept->end() ? before : found->second;
  }
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_STAGES_H_
