// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FLEET_STATS_H_
#define FIREBREAK_CONTROLLER_FLEET_STATS_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/metrics/exposition.h"

namespace firebreak::controller {

// The fleet's counters since the controller was started, for its metrics. Thread-safe.
class FleetStats {
 public:
  struct Values {
    uint64_t pushes = 0;
    uint64_t refused = 0;  // NACKs of revisions that could not be applied
    uint64_t undone = 0;   // NACKs of revisions that were applied and then undone
    Histogram push_to_receipt;
  };

  void Pushed() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    ++values_.pushes;
  }
  // Counts a receipt that arrived `after` the push of its revision.
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

#endif  // FIREBREAK_CONTROLLER_FLEET_STATS_H_
