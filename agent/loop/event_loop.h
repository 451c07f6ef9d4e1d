// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOOP_EVENT_LOOP_H_
#define FIREBREAK_AGENT_LOOP_EVENT_LOOP_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace firebreak::agent {

// The event loop of the agent's one decision-making thread: events of descriptors, timers and other
// threads become calls on that thread, one after the other.
//
// Threading: any thread may call Post and Stop. All other methods must be called on the thread that
// is in Run, or, before Run, on the thread that made the loop; callbacks run on the thread in Run.
// Each method checks this and aborts the process otherwise, because damage done by two threads at
// once would show only much later.
class EventLoop {
 public:
  using Clock = std::chrono::steady_clock;
  using Callback = std::function<void()>;
  // Identifies a pending timer; 0 identifies none.
  using Timer = uint64_t;

  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Calls back whenever `descriptor` is readable. The descriptor must stay open until Unwatch.
  void Watch(int descriptor, Callback readable);
  void Unwatch(int descriptor);
  // Also calls back while a watched descriptor is writable; nullptr ends that.
  void WatchWritable(int descriptor, Callback writable);

  Timer RunAt(Clock::time_point at, Callback callback);
  Timer RunAfter(Clock::duration delay, Callback callback) {
    return RunAt(Clock::now() + delay, std::move(callback));
  }
  // Does nothing if the timer has run, was cancelled before, or is 0.
  void Cancel(Timer timer);

  void Post(Callback callback) ABSL_LOCKS_EXCLUDED(mutex_);

  // Runs the loop until Stop is called. May be called again after that.
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  void Stop();

 private:
  struct Watched {
    Callback readable;
    Callback writable;
  };

  void AssertThread() const;
  int MillisecondsToNextTimer() const;
  void RunDueTimers();
  void RunPosted() ABSL_LOCKS_EXCLUDED(mutex_);

  const int epoll_;
  const int wakeup_;                                     // an eventfd
  std::thread::id thread_ = std::this_thread::get_id();  // the loop's thread
  bool stopped_ = false;
  std::map<int, Watched> watched_;
  Timer last_timer_ = 0;
  std::map<std::pair<Clock::time_point, Timer>, Callback> timers_;
  absl::Mutex mutex_;
  std::vector<Callback> posted_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOOP_EVENT_LOOP_H_
