// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_WORKER_WORKER_H_
#define FIREBREAK_CONTROLLER_WORKER_WORKER_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace firebreak::controller {

// One thread that runs jobs in the order given, so that long work (parsing, merging, disk access)
// does not block gRPC's threads. Thread-safe.
class Worker {
 public:
  explicit Worker(size_t max_waiting);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  // Runs the jobs that still wait before it returns.
  ~Worker();

  // Queues a job. Returns false, and does not queue it, if `max_waiting` jobs wait already.
  [[nodiscard]] bool Do(std::function<void()> job) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);

  const size_t max_waiting_;
  absl::Mutex mutex_;
  std::deque<std::function<void()>> waiting_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_WORKER_WORKER_H_
