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

// The agent's one thread of decisions: whatever happens, on a descriptor, at a time or in another
// thread, becomes a call on it, one after the other.
//
// Threading: Post and Stop from any thread; all else, and every callback, on the thread in Run, or
// before Run on the one that made the loop. Each entry checks it, and ends the process otherwise:
// what two threads did to the agent's state at once would show much later.
class EventLoop {
 public:
  using Clock = std::chrono::steady_clock;
  using Callback = std::function<void()>;
  // A timer that is under way; 0 names none.
  using Timer = uint64_t;

  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Calls back whenever `descriptor` is readable. It must stay open until it is removed.
  void Watch(int descriptor, Callback readable);
  void Unwatch(int descriptor);
  // Also calls back while a watched descriptor is writable; nullptr: no longer.
  void WatchWritable(int descriptor, Callback writable);

  Timer RunAt(Clock::time_point at, Callback callback);
  Timer RunAfter(Clock::duration delay, Callback callback) {
    return RunAt(Clock::now() + delay, std::move(callback));
  }
  // Nothing happens if the timer has run, was cancelled before, or is 0.
  void Cancel(Timer timer);

  void Post(Callback callback) ABSL_LOCKS_EXCLUDED(mutex_);

  // Returns after Stop; may then be called again.
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
  const int wakeup_;                                     // eventfd
  std::thread::id thread_ = std::this_thread::get_id();  // the loop's
  bool stopped_ = false;
  std::map<int, Watched> watched_;
  Timer last_timer_ = 0;
  std::map<std::pair<Clock::time_point, Timer>, Callback> timers_;
  absl::Mutex mutex_;
  std::vector<Callback> posted_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOOP_EVENT_LOOP_H_
