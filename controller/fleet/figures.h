#ifndef FIREBREAK_CONTROLLER_FLEET_FIGURES_H_
#define FIREBREAK_CONTROLLER_FLEET_FIGURES_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/metrics/exposition.h"

namespace firebreak::controller {

// What the fleet counts since the controller was started, for its metrics. Thread-safe.
class FleetFigures {
 public:
  struct Values {
    uint64_t pushes = 0;
    uint64_t refused = 0;  // NACKs: could not be applied
    uint64_t undone = 0;   // and: applied, then undone
    Histogram push_to_receipt;
  };

  void Pushed() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    ++values_.pushes;
  }
  // The receipt of the revision that was pushed so long ago.
  void Proven(absl::Duration after) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    values_.push_to_receipt.Observe(after);
  }
  void Refused(bool undone) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    ++(undone ? values_.undone : values_.refused);
  }

  Values values() const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return values_;
  }

 private:
  mutable absl::Mutex mutex_;
  Values values_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_FIGURES_H_
