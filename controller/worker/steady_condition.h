// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_WORKER_STEADY_CONDITION_H_
#define FIREBREAK_CONTROLLER_WORKER_STEADY_CONDITION_H_

#include <chrono>
#include <condition_variable>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace firebreak::controller {

// A condition variable with timeouts by a steady clock. Abseil's timed waits end at a time of the
// wall clock, so setting that clock back by an hour would make them an hour longer. Thread-safe.
class SteadyCondition {
 public:
  // The time of a steady clock, since an arbitrary moment.
  static absl::Duration Now() {
    return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
  }

  // Waits until the condition is signalled or `time` has passed; may return early for no reason.
  void WaitFor(absl::Mutex& mutex, absl::Duration time) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    Lockable lockable = {mutex};
    condition_.wait_for(lockable, absl::ToChronoNanoseconds(time));
  }
  void Signal() { condition_.notify_all(); }

 private:
  struct Lockable {
    absl::Mutex& mutex;
    void lock() ABSL_NO_THREAD_SAFETY_ANALYSIS { mutex.Lock(); }
    void unlock() ABSL_NO_THREAD_SAFETY_ANALYSIS { mutex.Unlock(); }
  };

  std::condition_variable_any condition_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_WORKER_STEADY_CONDITION_H_
