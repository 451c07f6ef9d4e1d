// SPDX-License-Identifier: Apache-2.0
#include "controller/log/reader_pool.h"

#include <utility>

namespace firebreak::controller {
namespace {

constexpr size_t kTurnsOfAShortOne = 8;
constexpr size_t kShortInARow = 4;

}  // namespace

ReaderPool::ReaderPool(size_t threads, size_t max_waiting) : max_waiting_(max_waiting) {
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
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

void ReaderPool::Run() {
  const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return closing_ || !short_.empty() || !long_.empty();
  };
  for (;;) {
    std::function<void()> turn;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&ready));
      if (short_.empty() && long_.empty()) return;
      auto& next = Next();
      turn = std::move(next.front());
      next.pop_front();
    }
    turn();
  }
}

}  // namespace firebreak::controller
