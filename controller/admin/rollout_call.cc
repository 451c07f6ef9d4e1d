// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/rollout_call.h"

#include <utility>

namespace firebreak::controller {

RolloutCall* RolloutCall::Start(RolloutBoard& board, uint64_t revision) {
  std::shared_ptr<RolloutCall> call(new RolloutCall(board, revision));
  board.Watch(revision, call);
  absl::MutexLock lock(&call->mutex_);
  call->self_ = call;
  call->MaybeWrite();
  return call.get();
}

void RolloutCall::MaybeWrite() {
  if (finished_ || writing_ || !changed_) return;
  changed_ = false;
  outgoing_ = board_.State(revision_);
  if (outgoing_.done()) {
    finished_ = true;
    StartWriteAndFinish(&outgoing_, grpc::WriteOptions(), grpc::Status::OK);
    return;
  }
  writing_ = true;
  StartWrite(&outgoing_);
}

void RolloutCall::OnRolloutChanged() {
  absl::MutexLock lock(&mutex_);
  changed_ = true;
  MaybeWrite();
}

void RolloutCall::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  writing_ = false;
  if (ok) {
    MaybeWrite();
  } else if (!finished_) {
    finished_ = true;
    Finish(grpc::Status::CANCELLED);
  }
}

void RolloutCall::OnCancel() {
  absl::MutexLock lock(&mutex_);
  if (finished_) return;
  finished_ = true;
  Finish(grpc::Status::CANCELLED);
}

void RolloutCall::OnDone() {
  std::shared_ptr<RolloutCall> self;  // destroyed after the lock is released
  absl::MutexLock lock(&mutex_);
  self = std::move(self_);
}

}  // namespace firebreak::controller
