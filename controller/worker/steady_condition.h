#ifndef FIREBREAK_CONTROLLER_WORKER_STEADY_CONDITION_H_
#define FIREBREAK_CONTROLLER_WORKER_STEADY_CONDITION_H_

#include <chrono>
#include <condition_variable>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace firebreak::controller {

// What a thread waits for that is to go on at a time, too, whatever happens to the clock meanwhile:
// the waits of Abseil end at a time of the wall clock, and one that is set back an hour makes them
// an hour longer. Thread-safe.
class SteadyCondition {
 public:
  // Time by a clock that nobody sets, from an arbitrary moment on.
  static absl::Duration Now() {
    return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
  }

  // Until it is signalled, for at most so long, or for no reason at all.
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
