// SPDX-License-Identifier: Apache-2.0
#include "controller/log/reader_pool.h"

#include <sys/resource.h>
#include <unistd.h>

#include <utility>

namespace firebreak::controller {
namespace {

constexpr size_t kTurnsOfAShortOne = 8;
constexpr size_t kShortInARow = 4;
// The scheduler gives such a thread a third of what it gives another one (sched(7)).
constexpr int kNiceness = 5;

void LowerPriority() {
  // On Linux the priority belongs to the thread. If it cannot be lowered, the thread still reads.
  static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()),
                                getpriority(PRIO_PROCESS, 0) + kNiceness) == 0);
}

}  // namespace

ReaderPool::ReaderPool(const Threads& threads, size_t max_waiting) : max_waiting_(max_waiting) {
  for (size_t i = 0; i < threads.for_all; ++i) {
    threads_.emplace_back([this] {
      LowerPriority();
      Run(/*long_ones=*/true);
    });
  }
  for (size_t i = 0; i < threads.for_short_searches; ++i) {
    threads_.emplace_back([this] { Run(/*long_ones=*/false); });
  }
}

ReaderPool::~ReaderPool() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

bool ReaderPool::Do(size_t turns, std::function<void()> turn) {
  absl::MutexLock lock(&mutex_);
  if (short_.size() + long_.size() >= max_waiting_) return false;
  (turns < kTurnsOfAShortOne ? short_ : long_).push_back(std::move(turn));
  return true;
}

std::deque<std::function<void()>>& ReaderPool::Next() {
  if (long_.empty() || (!short_.empty() && short_in_a_row_ < kShortInARow)) {
    ++short_in_a_row_;
    return short_;
  }
  short_in_a_row_ = 0;
  return long_;
}

void ReaderPool::Run(bool long_ones) {
  const auto ready = [this, long_ones]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return closing_ || !short_.empty() || (long_ones && !long_.empty());
  };
  for (;;) {
    std::function<void()> turn;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&ready));
      if (short_.empty() && (!long_ones || long_.empty())) return;
      auto& next = long_ones ? Next() : short_;
      turn = std::move(next.front());
      next.pop_front();
    }
    turn();
  }
}

}  // namespace firebreak::controller
