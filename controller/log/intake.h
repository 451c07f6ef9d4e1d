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

// Told that there are new records, on the intake's thread, which must not be held up.
class LogWatcher {
 public:
  virtual ~LogWatcher() = default;
  virtual void OnNewRecords() = 0;
};

// Brings batches into the store, those that wait together in one write. A host may send
// kBytesPerSecond, and kBurst at once; what is more waits, and no other host waits with it. Who
// sends must bound what waits (Session does).
//
// Thread-safe, with a thread of its own. Does not lose what it has taken while the disk is full: it
// tries until it can, or ends.
class LogIntake {
 public:
  static constexpr double kBytesPerSecond = 8 << 20;
  static constexpr absl::Duration kBurst = absl::Seconds(8);

  // Called on the intake's thread, when the batch is on the disk or will never be.
  using Done = std::function<void(const HostBatch&)>;

  // `store` must outlive it.
  explicit LogIntake(LogStore& store);
  ~LogIntake();
  LogIntake(const LogIntake&) = delete;
  LogIntake& operator=(const LogIntake&) = delete;

  void Take(HostBatch batch, Done done) ABSL_LOCKS_EXCLUDED(mutex_);

  // How long it has been trying in vain to store what it has taken.
  absl::Duration stalled() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The watcher is forgotten when its owner lets it go.
  void Watch(std::weak_ptr<LogWatcher> watcher) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Waiting {
    HostBatch batch;
    Done done;
  };

  // By SteadyCondition's clock.
  absl::Duration DueAt(const HostBatch& batch, absl::Duration now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  // False: the intake ends.
  bool TakeDue(std::vector<Waiting>& due) ABSL_LOCKS_EXCLUDED(mutex_);
  bool Store(std::vector<HostBatch>& batches) ABSL_LOCKS_EXCLUDED(mutex_);
  void TellWatchers() ABSL_LOCKS_EXCLUDED(mutex_);

  LogStore& store_;
  mutable absl::Mutex mutex_;
  SteadyCondition changed_;
  std::multimap<absl::Duration, Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  // When a host's share is used up by what it has sent so far.
  absl::flat_hash_map<std::string, absl::Duration> used_until_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::weak_ptr<LogWatcher>> watchers_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Duration> stalled_since_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_INTAKE_H_
