// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_SIMULATED_TURN_LOOP_H_
#define FIREBREAK_TESTS_BENCH_SIMULATED_TURN_LOOP_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/descriptor/descriptor.h"

namespace firebreak::bench {

// An event loop for tens of thousands of sockets and timers on one thread. Not thread-safe.
class TurnLoop {
 public:
  using Clock = std::chrono::steady_clock;

  class Watcher {
   public:
    virtual ~Watcher() = default;
    virtual void OnEvents(uint32_t events) = 0;
  };

  TurnLoop();

  // `events` are epoll's. A watcher must live until the end of the turn in which it is forgotten:
  // see Discard.
  void Watch(int descriptor, uint32_t events, Watcher* watcher);
  void Change(int descriptor, uint32_t events, Watcher* watcher);
  void Forget(int descriptor);

  void After(Clock::duration delay, std::function<void()> then) {
    timers_.emplace(Clock::now() + delay, std::move(then));
  }

  // Destroys the object at the end of the turn, when no pending event can refer to it any more.
  void Discard(std::shared_ptr<void> object) { discarded_.push_back(std::move(object)); }

  // Waits for events for at most `at_most`, and handles what has happened.
  void Turn(std::chrono::milliseconds at_most);

 private:
  Descriptor epoll_;
  std::multimap<Clock::time_point, std::function<void()>> timers_;
  std::vector<std::shared_ptr<void>> discarded_;
};

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_SIMULATED_TURN_LOOP_H_
