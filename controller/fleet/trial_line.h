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

// Lets hosts go on trial so many at a time, in the order in which they ask, as TrialWindow says.
// Each trial costs the controller a TLS handshake, and a host undoes a revision under which it does
// not get its own: all at once, they would keep one another from it.
//
// A host is on trial from Enter to Leave, but for kPatience at most: one that does not answer keeps
// nobody waiting.
//
// Thread-safe. Members of the line are known by their address and must Leave before they go. A
// member may call all methods with its own lock held, which OnTurn takes.
class TrialLine {
 public:
  static constexpr absl::Duration kPatience = absl::Seconds(10);

  struct Figures {
    size_t limit = 0;
    size_t on_trial = 0;
    size_t most_on_trial = 0;  // since the start
    size_t waiting = 0;
    uint64_t overdue = 0;  // trials that lasted longer than kPatience, since the start
  };

  // `fixed` as in TrialWindow.
  explicit TrialLine(size_t fixed = 0, absl::Duration patience = kPatience);
  TrialLine(const TrialLine&) = delete;
  TrialLine& operator=(const TrialLine&) = delete;
  ~TrialLine();

  // True: the member is on trial now, if it was not before. False: it waits for OnTurn, and then
  // asks again.
  bool Enter(const std::shared_ptr<InLine>& member) ABSL_LOCKS_EXCLUDED(mutex_);
  // It is not on trial and does not wait; nothing happens if that is so already.
  void Leave(const InLine& member) ABSL_LOCKS_EXCLUDED(mutex_);
  // Its proof took so long. The member may have been on trial for longer than kPatience.
  void Answered(const InLine& member, absl::Duration took) ABSL_LOCKS_EXCLUDED(mutex_);

  Figures figures() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Place = uint64_t;

  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  void LeaveLocked(const InLine& member) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndOverdue(absl::Duration now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Begin(const InLine& member) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Those whose turn it is now.
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
  // Since when, and the same in that order.
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
