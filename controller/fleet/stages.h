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
// the newest, all others the one before it, those included that enrol meanwhile.
struct Stages {
  using Line = absl::flat_hash_map<std::string, size_t>;  // place by host

  std::shared_ptr<PublishedRevision> before;
  std::shared_ptr<const Line> line;
  size_t reached = 0;

  bool Reaches(absl::string_view host) const {
    const auto found = line->find(host);
    return found != line->end() && found->second < reached;
  }
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_STAGES_H_
