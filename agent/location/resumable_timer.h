#ifndef FIREBREAK_AGENT_LOCATION_RESUMABLE_TIMER_H_
#define FIREBREAK_AGENT_LOCATION_RESUMABLE_TIMER_H_

#include <chrono>
#include <functional>

#include "agent/loop/event_loop.h"

namespace firebreak::agent {

// A timer that goes on while the host sleeps, so that one whose time has come meanwhile runs as
// soon as it wakes; and that tells whether the host has slept. (CLOCK_BOOTTIME; the clock of the
// event loop and that of the kernel's sets stand still.)
//
// Threading: on the loop's thread. `loop` must outlive it.
class ResumableTimer {
 public:
  ResumableTimer(EventLoop& loop, std::function<void()> due);
  ~ResumableTimer();
  ResumableTimer(const ResumableTimer&) = delete;
  ResumableTimer& operator=(const ResumableTimer&) = delete;

  // Replaces an earlier time.
  void RunAfter(EventLoop::Clock::duration delay);
  void Stop();

  // Whether the host has slept since the last call, or since this was made.
  bool HasSlept();

 private:
  EventLoop& loop_;
  const std::function<void()> due_;
  const int descriptor_;
  std::chrono::nanoseconds asleep_;  // all in all
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_RESUMABLE_TIMER_H_
