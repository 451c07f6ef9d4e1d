// SPDX-License-Identifier: Apache-2.0
#include "agent/location/resumable_timer.h"

#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace firebreak::agent {
namespace {

// Allows for the time between the readings of the two clocks.
constexpr auto kTolerance = std::chrono::milliseconds(500);

std::chrono::nanoseconds Now(clockid_t clock) {
  timespec now = {};
  clock_gettime(clock, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

std::chrono::nanoseconds Asleep() { return Now(CLOCK_BOOTTIME) - Now(CLOCK_MONOTONIC); }

}  // namespace

ResumableTimer::ResumableTimer(EventLoop& loop, std::function<void()> due)
    : loop_(loop),
      due_(std::move(due)),
      descriptor_(timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK)),
      asleep_(Asleep()) {
  // The agent cannot run without this descriptor.
  if (descriptor_ < 0) abort();
  loop_.Watch(descriptor_, [this] {
    uint64_t times;
    if (read(descriptor_, &times, sizeof times) == sizeof times) due_();
  });
}

ResumableTimer::~ResumableTimer() {
  loop_.Unwatch(descriptor_);
  close(descriptor_);
}

void ResumableTimer::RunAfter(EventLoop::Clock::duration delay) {
  const int64_t nanos = std::max<int64_t>(1, std::chrono::nanoseconds(delay).count());
  itimerspec when = {};
  when.it_value.tv_sec = nanos / 1'000'000'000;
  when.it_value.tv_nsec = nanos % 1'000'000'000;
  timerfd_settime(descriptor_, 0, &when, nullptr);
}

void ResumableTimer::Stop() {
  const itimerspec never = {};
  timerfd_settime(descriptor_, 0, &never, nullptr);
}

bool ResumableTimer::HasSlept() {
  const std::chrono::nanoseconds before = std::exchange(asleep_, Asleep());
  return asleep_ - before > kTolerance;
}

}  // namespace firebreak::agent
