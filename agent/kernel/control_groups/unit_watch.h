// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_CONTROL_GROUPS_UNIT_WATCH_H_
#define FIREBREAK_AGENT_KERNEL_CONTROL_GROUPS_UNIT_WATCH_H_

#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "base/descriptor/descriptor.h"

namespace firebreak::agent {

// Hears of units of systemd that start and end, by the directories of their control groups
// (inotify(7)). What it tells is that FindUnits may answer otherwise than before, not how.
//
// Nothing is watched while no unit is followed. A watch that the kernel refuses is left out:
// whoever follows units asks from time to time as well.
//
// Threading: one thread at a time.
class UnitWatch {
 public:
  static absl::StatusOr<UnitWatch> Open();

  // Readable when there is something to drain.
  int descriptor() const { return inotify_.get(); }

  // These and no others from now on, below `root`; none: there are no control groups. Returns
  // whether they are others than before.
  bool Follow(const std::optional<std::string>& root, std::set<std::string> units);

  // Reads what the kernel has told. Returns whether a unit that is followed may have started or
  // ended.
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
