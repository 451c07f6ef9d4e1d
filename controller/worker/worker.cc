// SPDX-License-Identifier: Apache-2.0
#include "controller/worker/worker.h"

#include <utility>

namespace firebreak::controller {

Worker::Worker(size_t max_waiting) : max_waiting_(max_waiting), thread_([this] { Run(); }) {}

Worker::~Worker() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
  }
  thread_.join();
}

bool Worker::Do(std::function<void()> job) {
  absl::MutexLock lock(&mutex_);
  if (waiting_.size() >= max_waiting_) return false;
  waiting_.push_back(std::move(job));
  return true;
}

void Worker::Run() {
  const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return closing_ || !waiting_.empty();
  };
  for (;;) {
    std::function<void()> job;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&ready));
      if (waiting_.empty()) return;
      job = std::move(waiting_.front());
      waiting_.pop_front();
    }
    job();
  }
}

}  // namespace firebreak::controller
