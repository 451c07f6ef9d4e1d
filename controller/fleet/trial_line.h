// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FLEET_TRIAL_LINE_H_
#define FIREBREAK_CONTROLLER_FLEET_TRIAL_LINE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "controller/fleet/in_line.h"
#include "controller/fleet/trial_window.h"
#include "controller/worker/steady_condition.h"

namespace firebreak::controller {

// Lets hosts go on trial in the order in which they ask, as many at the same time as TrialWindow
// allows. Each trial costs the controller a TLS handshake, and a host undoes a revision if its
// handshake does not succeed in time. If all hosts went on trial at once, they would delay one
// another until they failed.
//
// A host is on trial from Enter to Leave, but for kPatience at most, so that a host that does not
// answer does not keep others waiting.
//
// Thread-safe. Members are identified by their addresses and must Leave before they are destroyed.
// A member may call all methods with its own lock held, the one that OnTurn takes.
class TrialLine {
 public:
  static constexpr absl::Duration kPatience = absl::Seconds(10);

  struct Stats {
    size_t limit = 0;
    size_t on_trial = 0;
    size_t most_on_trial = 0;  // since the program started
    size_t waiting = 0;
    uint64_t overdue = 0;  // trials that lasted longer than kPatience, since the program started
  };

  // `fixed`: see TrialWindow.
  explicit TrialLine(size_t fixed = 0, absl::Duration patience = kPatience);
  TrialLine(const TrialLine&) = delete;
  TrialLine& operator=(const TrialLine&) = delete;
  ~TrialLine();

  // Returns true if the member is on trial now. Otherwise the member waits for OnTurn, and then
  // calls Enter again.
  bool Enter(const std::shared_ptr<InLine>& member) ABSL_LOCKS_EXCLUDED(mutex_);
  // Ends the member's trial or wait. Does nothing if the member is neither on trial nor waiting.
  void Leave(const InLine& member) ABSL_LOCKS_EXCLUDED(mutex_);
  // Reports that the member's proof took this long. The member may have been on trial for longer
  // than kPatience.
  void Answered(const InLine& member, absl::Duration took) ABSL_LOCKS_EXCLUDED(mutex_);

  Stats stats() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Place = uint64_t;

  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  void LeaveLocked(const InLine& member) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndOverdue(absl::Duration now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Begin(const InLine& member) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Takes the members whose turn it is now.
  std::vector<std::shared_ptr<InLine>> TakeNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return on_trial_.size() < window_.limit();
  }

  const absl::Duration patience_;
  mutable absl::Mutex mutex_;
  SteadyCondition changed_;
  TrialWindow window_ ABSL_GUARDED_BY(mutex_);
  Place next_place_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<Place, std::weak_ptr<InLine>> line_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<const InLine*, Place> waiting_ ABSL_GUARDED_BY(mutex_);
  // The places of the members on trial, and, in the order of these places, when each trial began.
  absl::flat_hash_map<const InLine*, Place> on_trial_ ABSL_GUARDED_BY(mutex_);
  struct Begun {
    const InLine* member;
    absl::Duration at;
  };
  std::map<Place, Begun> begun_ ABSL_GUARDED_BY(mutex_);
  size_t most_on_trial_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t overdue_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_TRIAL_LINE_H_
