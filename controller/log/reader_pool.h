// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_LOG_READER_POOL_H_
#define FIREBREAK_CONTROLLER_LOG_READER_POOL_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace firebreak::controller {

// Threads that read the log for searches, in turns. A search that has had few turns goes before
// searches that have had many, so that a short search does not wait for long ones. Every few turns
// a long search goes first nevertheless. Thread-safe.
//
// Most threads do all turns, with a lower priority than the rest of the process. Some threads do
// only the turns of short searches, with the process's priority. Such a turn begins immediately,
// even while long searches occupy all other threads and CPUs.
class ReaderPool {
 public:
  struct Threads {
    size_t for_all = 1;
    size_t for_short_searches = 0;
  };

  ReaderPool(const Threads& threads, size_t max_waiting);
  ReaderPool(const ReaderPool&) = delete;
  ReaderPool& operator=(const ReaderPool&) = delete;
  // Does the turns that still wait before it returns.
  ~ReaderPool();

  // Queues the next turn of a search that has had `turns` turns. Returns false, and does not queue
  // it, if `max_waiting` turns wait already.
  [[nodiscard]] bool Do(size_t turns, std::function<void()> turn) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run(bool long_ones) ABSL_LOCKS_EXCLUDED(mutex_);
  std::deque<std::function<void()>>& Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t max_waiting_;
  absl::Mutex mutex_;
  std::deque<std::function<void()>> short_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::function<void()>> long_ ABSL_GUARDED_BY(mutex_);
  size_t short_in_a_row_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_READER_POOL_H_
