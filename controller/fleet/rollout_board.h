// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FLEET_ROLLOUT_BOARD_H_
#define FIREBREAK_CONTROLLER_FLEET_ROLLOUT_BOARD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "firebreak/v1/admin.pb.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::controller {

// Notified when a rollout has changed, on the thread that changed it and without the board's lock.
// The watcher asks the board for the state when it is ready, so a slow watcher skips states.
class RolloutWatcher {
 public:
  virtual ~RolloutWatcher() = default;
  virtual void OnRolloutChanged() = 0;
};

// The progress of each of the last kKept revisions. A revision concerns the hosts whose policy it
// changed. A host has applied the revision when its receipt is for this or a later revision, and
// has failed when it refused or undid this or a later one; otherwise it is pending, even if it goes
// offline. A host that was offline when the revision was published is not waited for until it comes
// online. Thread-safe.
class RolloutBoard {
 public:
  static constexpr size_t kKept = 64;
  static constexpr int kNamed = 20;

  // The revision concerns the hosts in `connected` and in `offline`, which have no host in common.
  void Begin(uint64_t revision, std::set<std::string> connected, std::set<std::string> offline = {})
      ABSL_LOCKS_EXCLUDED(mutex_);
  void OnReceipt(const std::string& host, uint64_t revision) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnRefusal(const std::string& host, const v1::Refusal& refusal) ABSL_LOCKS_EXCLUDED(mutex_);
  // Must be called before the host's receipts can come.
  void OnOnline(const std::string& host) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnOffline(const std::string& host) ABSL_LOCKS_EXCLUDED(mutex_);

  // A revision that is not on the board any longer is reported as done.
  v1::Rollout State(uint64_t revision) const ABSL_LOCKS_EXCLUDED(mutex_);

  // The board forgets the watcher when the watcher is destroyed.
  void Watch(uint64_t revision, std::weak_ptr<RolloutWatcher> watcher) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Rollout {
    std::set<std::string> concerned;
    std::set<std::string> pending;
    std::set<std::string> offline;  // includes pending hosts that have gone offline since
    std::map<std::string, v1::Refusal> failed;
    uint32_t applied = 0;
    std::vector<std::weak_ptr<RolloutWatcher>> watchers;
  };
  using Watchers = std::vector<std::shared_ptr<RolloutWatcher>>;

  static void Collect(Rollout& rollout, Watchers& to_tell);
  // Calls `change` for each rollout up to `revision` in which the host is open, the oldest first;
  // the host is not open any longer where `change` returns false.
  void ForOpen(const std::string& host, uint64_t revision, absl::FunctionRef<bool(Rollout&)> change)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RemoveOldest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::map<uint64_t, Rollout> rollouts_ ABSL_GUARDED_BY(mutex_);
  // For each host, the rollouts in which it is open: pending, offline or failed. Receipts come by
  // the thousand, and most are about one rollout of many.
  absl::flat_hash_map<std::string, std::set<uint64_t>> open_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_ROLLOUT_BOARD_H_
