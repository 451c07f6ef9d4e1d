// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_CONTROL_GROUPS_UNIT_WATCH_H_
#define FIREBREAK_AGENT_KERNEL_CONTROL_GROUPS_UNIT_WATCH_H_

#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "base/descriptor/descriptor.h"

namespace firebreak::agent {

// Watches the starts and ends of systemd units by their control groups' directories (inotify(7)).
// It only tells that FindUnits may now return something else.
//
// While no unit is followed, nothing is watched. Watches that the kernel refuses are left out, so
// callers must also call FindUnits from time to time.
//
// Threading: one thread at a time.
class UnitWatch {
 public:
  static absl::StatusOr<UnitWatch> Open();

  // Readable when Drain has something to read.
  int descriptor() const { return inotify_.get(); }

  // Follows these units below `root` from now on, and no others; none: there are no control groups.
  // Returns whether the root or the units differ from before.
  bool Follow(const std::optional<std::string>& root, std::set<std::string> units);

  // Reads the waiting events. Returns whether a followed unit may have started or ended.
  bool Drain();

 private:
  explicit UnitWatch(Descriptor inotify) : inotify_(std::move(inotify)) {}

  void WatchSlices();

  Descriptor inotify_;
  std::optional<std::string> root_;
  std::set<std::string> units_;
  std::set<int> watches_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_CONTROL_GROUPS_UNIT_WATCH_H_
