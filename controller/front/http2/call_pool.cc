// SPDX-License-Identifier: Apache-2.0
#include "controller/front/http2/call_pool.h"

#include <utility>

namespace firebreak::controller {

CallPool::CallPool(size_t threads) {
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

CallPool::~CallPool() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
    changed_.SignalAll();
  }
  for (std::thread& thread : threads_) thread.join();
}

void CallPool::Schedule(std::shared_ptr<Task> task) {
  absl::MutexLock lock(&mutex_);
  waiting_.push_back(std::move(task));
  if (idle_ > 0) changed_.Signal();
}

void CallPool::Work() {
  absl::MutexLock lock(&mutex_);
  for (;;) {
    while (waiting_.empty()) {
      // A task that runs may schedule another.
      if (closing_ && running_ == 0) {
        changed_.SignalAll();
        return;
      }
      ++idle_;
      changed_.Wait(&mutex_);
      --idle_;
    }
    std::shared_ptr<Task> task = std::move(waiting_.front());
    waiting_.pop_front();
    ++running_;
    mutex_.Unlock();
    task->Run();
    task.reset();
    mutex_.Lock();
    --running_;
  }
}

}  // namespace firebreak::controller
