// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOCATION_RESUMABLE_TIMER_H_
#define FIREBREAK_AGENT_LOCATION_RESUMABLE_TIMER_H_

#include <chrono>
#include <functional>

#include "agent/loop/event_loop.h"

namespace firebreak::agent {

// A timer that also counts the time while the host sleeps, so that a timer that expired during the
// sleep runs as soon as the host wakes. It also detects whether the host has slept. It uses
// CLOCK_BOOTTIME; the event loop's clock and the clock of the kernel's sets stand still during
// sleep.
//
// Threading: on the loop's thread. `loop` must outlive the timer.
class ResumableTimer {
 public:
  ResumableTimer(EventLoop& loop, std::function<void()> due);
  ~ResumableTimer();
  ResumableTimer(const ResumableTimer&) = delete;
  ResumableTimer& operator=(const ResumableTimer&) = delete;

  // Replaces the time set before.
  void RunAfter(EventLoop::Clock::duration delay);
  void Stop();

  // Whether the host has slept since the last call, or since this object was made.
  bool HasSlept();

 private:
  EventLoop& loop_;
  const std::function<void()> due_;
  const int descriptor_;
  std::chrono::nanoseconds asleep_;  // total time asleep since boot
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_RESUMABLE_TIMER_H_
