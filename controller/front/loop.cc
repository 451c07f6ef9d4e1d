// SPDX-License-Identifier: Apache-2.0
#include "controller/front/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

namespace firebreak::controller {
namespace {

constexpr int kEventsATurn = 64;
constexpr Loop::Watch kWake = 0;

}  // namespace

Loop::Loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  epoll_event event = {.events = EPOLLIN, .data = {.u64 = kWake}};
  epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event);
}

Loop::~Loop() = default;

void Loop::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Loop::Stop(std::function<void()> last) {
  if (!thread_.joinable()) return;
  Post([this, last = std::move(last)] {
    last();
    stop_ = true;
  });
  thread_.join();
}

bool Loop::Post(std::function<void()> job) {
  {
    absl::MutexLock lock(&mutex_);
    if (ended_) return false;
    posted_.push_back(std::move(job));
    // Whoever posted the first of them has woken the loop, which then takes them all.
    if (posted_.size() > 1) return true;
  }
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_.get(), &one, sizeof one);
  return true;
}

Loop::Watch Loop::Add(int descriptor, uint32_t events, Watcher* watcher) {
  const Watch watch = next_++;
  epoll_event event = {.events = events, .data = {.u64 = watch}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) return 0;
  watchers_.emplace(watch, watcher);
  return watch;
}

void Loop::Change(Watch watch, int descriptor, uint32_t events) {
  epoll_event event = {.events = events, .data = {.u64 = watch}};
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, descriptor, &event);
}

void Loop::Forget(Watch watch, int descriptor) {
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
  watchers_.erase(watch);
}

Loop::Timer Loop::At(Clock::time_point time, std::function<void()> job) {
  const Timer timer(time, next_++);
  timers_.emplace(timer, std::move(job));
  return timer;
}

void Loop::Cancel(const Timer& timer) { timers_.erase(timer); }

int Loop::MillisToNextTimer() const {
  if (timers_.empty()) return -1;
  const auto pause = timers_.begin()->first.first - Clock::now();
  // Rounded up, or it would be looked for in vain until it is time.
  const auto millis = std::chrono::ceil<std::chrono::milliseconds>(pause).count();
  return static_cast<int>(std::clamp<int64_t>(millis, 0, 60'000));
}

void Loop::RunPosted() {
  std::vector<std::function<void()>> jobs;
  {
    absl::MutexLock lock(&mutex_);
    jobs.swap(posted_);
  }
  for (const auto& job : jobs) job();
}

void Loop::RunTimers() {
  while (!timers_.empty() && timers_.begin()->first.first <= now_) {
    const auto first = timers_.extract(timers_.begin());
    first.mapped()();
  }
}

void Loop::Run() {
  epoll_event events[kEventsATurn];
  while (!stop_) {
    const int count = epoll_wait(epoll_.get(), events, kEventsATurn, MillisToNextTimer());
    now_ = Clock::now();
    for (int i = 0; i < count; ++i) {
      if (events[i].data.u64 == kWake) {
        uint64_t wakes = 0;
        [[maybe_unused]] const ssize_t read_bytes = read(wake_.get(), &wakes, sizeof wakes);
        RunPosted();
        continue;
      }
      // One that was forgotten earlier in this turn is not found.
      const auto watcher = watchers_.find(events[i].data.u64);
      if (watcher != watchers_.end()) watcher->second->OnEvents(events[i].events);
    }
    RunTimers();
    discarded_.clear();
  }
  absl::MutexLock lock(&mutex_);
  ended_ = true;
  posted_.clear();
}

}  // namespace firebreak::controller
