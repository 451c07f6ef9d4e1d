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

// Paces what is not urgent: a new revision's number for a host whose policy it does not change. So
// many hosts get it at once, the others some at each tick, with the newest number of then; a change
// that concerns nobody costs the controller next to nothing, however large the fleet is.
//
// Thread-safe. Members of the line are known by their address and must Leave before they go. A
// member may call Enter and Leave with its own lock held, which OnTurn takes.
class NumberLine {
 public:
  static constexpr size_t kAtOnce = 128;  // and at each tick

  // True: the member may be sent its number now. False: it waits for OnTurn, and then asks again.
  bool Enter(const std::shared_ptr<InLine>& member) ABSL_LOCKS_EXCLUDED(mutex_);
  void Leave(const InLine& member) ABSL_LOCKS_EXCLUDED(mutex_);
  // To be called once a second. Calls OnTurn on this thread.
  void Tick() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  enum class Place { kWaiting, kItsTurn };

  absl::Mutex mutex_;
  size_t free_ ABSL_GUARDED_BY(mutex_) = kAtOnce;
  // Those that have left are skipped.
  std::deque<std::weak_ptr<InLine>> line_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<const InLine*, Place> places_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_NUMBER_LINE_H_
