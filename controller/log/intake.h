// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_LOG_INTAKE_H_
#define FIREBREAK_CONTROLLER_LOG_INTAKE_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "controller/log/log_store.h"
#include "controller/worker/steady_condition.h"

namespace firebreak::controller {

// Notified of new records on the intake's thread, which it must not block.
class LogWatcher {
 public:
  virtual ~LogWatcher() = default;
  virtual void OnNewRecords() = 0;
};

// Writes batches to the store; batches that wait at the same time are written together. A host may
// send kBytesPerSecond, and a burst of kBurst; further batches wait, without delaying other hosts.
// The sender must bound the number of waiting batches (HostStream does).
//
// Thread-safe, with a thread of its own. While the disk is full, it keeps the batches and retries
// until they are written or the intake is destroyed.
class LogIntake {
 public:
  static constexpr double kBytesPerSecond = 8 << 20;
  static constexpr absl::Duration kBurst = absl::Seconds(8);

  // Called on the intake's thread when the batch is on disk, or will never be.
  using Done = std::function<void(const HostBatch&)>;

  // `store` must outlive the intake.
  explicit LogIntake(LogStore& store);
  ~LogIntake();
  LogIntake(const LogIntake&) = delete;
  LogIntake& operator=(const LogIntake&) = delete;

  void Take(HostBatch batch, Done done) ABSL_LOCKS_EXCLUDED(mutex_);

  // How long writing to the store has been failing.
  absl::Duration stalled() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Notifies the watcher until its owner destroys it.
  void Watch(std::weak_ptr<LogWatcher> watcher) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Waiting {
    HostBatch batch;
    Done done;
  };

  // Returns when the batch may be written, by SteadyCondition's clock.
  absl::Duration DueAt(const HostBatch& batch, absl::Duration now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  // Returns false if the intake is being destroyed.
  bool RemoveDue(std::vector<Waiting>& due) ABSL_LOCKS_EXCLUDED(mutex_);
  bool Store(std::vector<HostBatch>& batches) ABSL_LOCKS_EXCLUDED(mutex_);
  void TellWatchers() ABSL_LOCKS_EXCLUDED(mutex_);

  LogStore& store_;
  mutable absl::Mutex mutex_;
  SteadyCondition changed_;
  std::multimap<absl::Duration, Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  // Until when the bytes that each host has sent use up its share.
  absl::flat_hash_map<std::string, absl::Duration> used_until_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::weak_ptr<LogWatcher>> watchers_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Duration> stalled_since_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_INTAKE_H_
