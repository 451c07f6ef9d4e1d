// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_LOOP_H_
#define FIREBREAK_CONTROLLER_FRONT_LOOP_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "base/descriptor/descriptor.h"

namespace firebreak::controller {

// One thread that waits for descriptors, for times and for what other threads give it to do.
//
// NOTE: All functions but Post are for its own thread, or for before Start. It never waits for
// anything else; what is done in it has to be short.
class Loop {
 public:
  using Clock = std::chrono::steady_clock;

  class Watcher {
   public:
    virtual ~Watcher() = default;
    virtual void OnEvents(uint32_t events) = 0;
  };
  using Watch = uint64_t;
  using Timer = std::pair<Clock::time_point, uint64_t>;

  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  // Stop must have been called, if Start was.
  ~Loop();

  // False: the kernel has no room for what it needs.
  bool ok() const { return epoll_.get() >= 0 && wake_.get() >= 0; }

  void Start();
  // Returns when the thread has ended. `last` is the last thing that it does.
  void Stop(std::function<void()> last);

  // Any thread. False: it has ended, and does not do it.
  bool Post(std::function<void()> job) ABSL_LOCKS_EXCLUDED(mutex_);

  // Calls `watcher` for each of `events`, which are epoll's, until Forget; one call a turn. 0: the
  // kernel has no room. `watcher` must live until the turn has ended in which it is forgotten.
  Watch Add(int descriptor, uint32_t events, Watcher* watcher);
  void Change(Watch watch, int descriptor, uint32_t events);
  // To be called before the descriptor is closed.
  void Forget(Watch watch, int descriptor);

  // Calls `job` at a time; it may be cancelled until then.
  Timer At(Clock::time_point time, std::function<void()> job);
  void Cancel(const Timer& timer);

  // The time at which the present turn began.
  Clock::time_point now() const { return now_; }

  // Destroys it when the turn is over: one of its functions may be running.
  template <typename T>
  void Discard(std::unique_ptr<T> object) {
    discarded_.push_back(std::shared_ptr<void>(std::move(object)));
  }

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  void RunPosted() ABSL_LOCKS_EXCLUDED(mutex_);
  void RunTimers();
  int MillisToNextTimer() const;

  const Descriptor epoll_;
  const Descriptor wake_;  // eventfd
  Clock::time_point now_ = Clock::now();
  uint64_t next_ = 1;
  absl::flat_hash_map<Watch, Watcher*> watchers_;
  std::map<Timer, std::function<void()>> timers_;
  std::vector<std::shared_ptr<void>> discarded_;

  absl::Mutex mutex_;
  std::vector<std::function<void()>> posted_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_LOOP_H_
