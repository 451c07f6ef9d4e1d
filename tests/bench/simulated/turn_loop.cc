// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/simulated/turn_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <utility>

namespace firebreak::bench {
namespace {

void Control(int epoll, int operation, int descriptor, uint32_t events, void* watcher) {
  epoll_event event = {.events = events, .data = {.ptr = watcher}};
  epoll_ctl(epoll, operation, descriptor, &event);
}

}  // namespace

TurnLoop::TurnLoop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

void TurnLoop::Watch(int descriptor, uint32_t events, Watcher* watcher) {
  Control(epoll_.get(), EPOLL_CTL_ADD, descriptor, events, watcher);
}

void TurnLoop::Change(int descriptor, uint32_t events, Watcher* watcher) {
  Control(epoll_.get(), EPOLL_CTL_MOD, descriptor, events, watcher);
}

void TurnLoop::Forget(int descriptor) {
  Control(epoll_.get(), EPOLL_CTL_DEL, descriptor, 0, nullptr);
}

void TurnLoop::Turn(std::chrono::milliseconds at_most) {
  auto wait = at_most;
  if (!timers_.empty()) {
    const auto next =
        std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first - Clock::now());
    wait = std::clamp(next, std::chrono::milliseconds(0), at_most);
  }
  std::array<epoll_event, 512> events;
  const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                               static_cast<int>(wait.count()));
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    static_cast<Watcher*>(event.data.ptr)->OnEvents(event.events);
  }
  const Clock::time_point now = Clock::now();
  while (!timers_.empty() && timers_.begin()->first <= now) {
    const auto then = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    then();
  }
  std::exchange(discarded_, {}).clear();
}

}  // namespace firebreak::bench
