// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_ROLLOUT_CALL_H_
#define FIREBREAK_CONTROLLER_ADMIN_ROLLOUT_CALL_H_

#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "controller/fleet/rollout_board.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::controller {

// One WatchRollout call: sends the state at once, and again whenever it has changed and the caller
// has taken the previous state, until the rollout is done. Owned by itself until gRPC is done with
// it.
class RolloutCall final : public grpc::ServerWriteReactor<v1::Rollout>,
                          public RolloutWatcher,
                          public std::enable_shared_from_this<RolloutCall> {
 public:
  // `board` must outlive the call.
  static RolloutCall* Start(RolloutBoard& board, uint64_t revision);

  void OnRolloutChanged() override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  RolloutCall(RolloutBoard& board, uint64_t revision) : board_(board), revision_(revision) {}

  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnCancel() override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnDone() override ABSL_LOCKS_EXCLUDED(mutex_);
  void MaybeWrite() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  RolloutBoard& board_;
  const uint64_t revision_;
  absl::Mutex mutex_;
  std::shared_ptr<RolloutCall> self_ ABSL_GUARDED_BY(mutex_);
  v1::Rollout outgoing_;  // used by gRPC while writing_
  bool changed_ ABSL_GUARDED_BY(mutex_) = true;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_ROLLOUT_CALL_H_
