// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FLEET_NUMBER_LINE_H_
#define FIREBREAK_CONTROLLER_FLEET_NUMBER_LINE_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "controller/fleet/in_line.h"

namespace firebreak::controller {

// Paces pushes that are not urgent: the number of a new revision, for hosts whose policy the
// revision does not change. kAtOnce hosts get the number at once, and as many others at each tick,
// with the number that is the newest then. So a change that concerns no host costs the controller
// next to nothing, however large the fleet is.
//
// Thread-safe. Members are identified by their addresses and must Leave before they are destroyed.
// A member may call Enter and Leave with its own lock held, the one that OnTurn takes.
class NumberLine {
 public:
  static constexpr size_t kAtOnce = 128;  // also the number at each tick

  // Returns true if the member may be sent its number now. Otherwise the member waits for OnTurn,
  // and then calls Enter again.
  bool Enter(const std::shared_ptr<InLine>& member) ABSL_LOCKS_EXCLUDED(mutex_);
  void Leave(const InLine& member) ABSL_LOCKS_EXCLUDED(mutex_);
  // Must be called once a second. Calls OnTurn on this thread.
  void Tick() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  enum class Place { kWaiting, kItsTurn };

  absl::Mutex mutex_;
  size_t free_ ABSL_GUARDED_BY(mutex_) = kAtOnce;
  // May hold members that have left; these are skipped.
  std::deque<std::weak_ptr<InLine>> line_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<const InLine*, Place> places_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_NUMBER_LINE_H_
