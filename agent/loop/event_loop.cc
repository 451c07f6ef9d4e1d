// SPDX-License-Identifier: Apache-2.0
#include "agent/loop/event_loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "base/log/log.h"

namespace firebreak::agent {

EventLoop::EventLoop()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), wakeup_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  // The agent cannot run without these two descriptors.
  if (epoll_ < 0 || wakeup_ < 0) abort();
  Watch(wakeup_, [this] { RunPosted(); });
}

EventLoop::~EventLoop() {
  close(wakeup_);
  close(epoll_);
}

void EventLoop::Watch(int descriptor, Callback readable) {
  AssertThread();
  watched_[descriptor].readable = std::move(readable);
  epoll_event event = {.events = EPOLLIN, .data = {.fd = descriptor}};
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0 && errno != EEXIST) abort();
}

void EventLoop::Unwatch(int descriptor) {
  AssertThread();
  watched_.erase(descriptor);
  epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
}

void EventLoop::WatchWritable(int descriptor, Callback writable) {
  AssertThread();
  const auto found = watched_.find(descriptor);
  if (found == watched_.end()) return;
  const uint32_t wanted = writable ? EPOLLIN | EPOLLOUT : EPOLLIN;
  found->second.writable = std::move(writable);
  epoll_event event = {.events = wanted, .data = {.fd = descriptor}};
  if (epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event) != 0) abort();
}

EventLoop::Timer EventLoop::RunAt(Clock::time_point at, Callback callback) {
  AssertThread();
  timers_.emplace(std::pair(at, ++last_timer_), std::move(callback));
  return last_timer_;
}

void EventLoop::Cancel(Timer timer) {
  AssertThread();
  // A linear search is enough, because there are only a handful of timers.
  std::erase_if(timers_, [timer](const auto& entry) { return entry.first.second == timer; });
}

void EventLoop::Post(Callback callback) {
  {
    absl::MutexLock lock(&mutex_);
    posted_.push_back(std::move(callback));
  }
  const uint64_t one = 1;
  // The write fails only when the counter is at its limit, and then the loop is already awake.
  [[maybe_unused]] const ssize_t written = write(wakeup_, &one, sizeof one);
}

void EventLoop::Stop() {
  Post([this] { stopped_ = true; });
}

void EventLoop::RunPosted() {
  uint64_t count;
  [[maybe_unused]] const ssize_t bytes = read(wakeup_, &count, sizeof count);
  std::vector<Callback> posted;
  {
    absl::MutexLock lock(&mutex_);
    posted.swap(posted_);
  }
  for (Callback& callback : posted) callback();
}

int EventLoop::MillisecondsToNextTimer() const {
  if (timers_.empty()) return -1;
  const auto left = timers_.begin()->first.first - Clock::now();
  const auto millis = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return static_cast<int>(std::clamp<int64_t>(millis, 0, 3'600'000));
}

void EventLoop::RunDueTimers() {
  const Clock::time_point now = Clock::now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    const auto timer = timers_.extract(timers_.begin());
    timer.mapped()();
  }
}

void EventLoop::AssertThread() const {
  if (std::this_thread::get_id() == thread_) return;
  LogError("an event loop was used by another thread: only its own may use it");
  abort();
}

void EventLoop::Run() {
  thread_ = std::this_thread::get_id();
  stopped_ = false;
  while (!stopped_) {
    epoll_event events[16];
    const int count = epoll_wait(epoll_, events, 16, MillisecondsToNextTimer());
    if (count < 0 && errno != EINTR) abort();
    for (int i = 0; i < count; ++i) {
      // An earlier callback may have removed this descriptor.
      const int descriptor = events[i].data.fd;
      auto found = watched_.find(descriptor);
      if (found == watched_.end()) continue;
      if ((events[i].events & ~EPOLLOUT) != 0) {
        const Callback readable = found->second.readable;
        readable();
        found = watched_.find(descriptor);
      }
      if ((events[i].events & EPOLLOUT) == 0 || found == watched_.end()) continue;
      const Callback writable = found->second.writable;
      if (writable) writable();
    }
    RunDueTimers();
  }
}

}  // namespace firebreak::agent
