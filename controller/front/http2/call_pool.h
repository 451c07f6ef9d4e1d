// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_HTTP2_CALL_POOL_H_
#define FIREBREAK_CONTROLLER_FRONT_HTTP2_CALL_POOL_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace firebreak::controller {

// The threads on which calls are served, so that a handler that waits for a lock or a disk keeps no
// connection's loop waiting. Thread-safe.
class CallPool {
 public:
  class Task {
   public:
    virtual ~Task() = default;
    virtual void Run() = 0;
  };

  explicit CallPool(size_t threads);
  CallPool(const CallPool&) = delete;
  CallPool& operator=(const CallPool&) = delete;
  // Runs what still waits before it returns.
  ~CallPool();

  // Runs the task once. Tasks begin in the order in which they are given.
  void Schedule(std::shared_ptr<Task> task) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Work() ABSL_LOCKS_EXCLUDED(mutex_);

  absl::Mutex mutex_;
  absl::CondVar changed_;
  std::deque<std::shared_ptr<Task>> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t running_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t idle_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_HTTP2_CALL_POOL_H_
