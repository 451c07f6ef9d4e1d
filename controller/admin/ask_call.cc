// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/ask_call.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "controller/identity/grpc_status.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::controller {

AskCall* AskCall::Start(std::shared_ptr<HostStream> stream, v1::Question question) {
  std::shared_ptr<AskCall> call(new AskCall(std::move(stream)));
  {
    absl::MutexLock lock(&call->mutex_);
    call->self_ = call;
  }
  uint32_t millis = question.timeout_millis();
  millis = std::min(millis == 0 ? kDefaultTimeoutMillis : millis, kMaxTimeoutMillis);
  question.set_timeout_millis(millis);
  const auto id = call->stream_->Ask(std::move(question), call);
  absl::MutexLock lock(&call->mutex_);
  if (!id.ok()) {
    call->Conclude(id.status());
    return call.get();
  }
  call->question_ = *id;
  const std::weak_ptr<AskCall> weak = call;
  call->alarm_.Set(
      absl::ToChronoTime(absl::Now() + absl::Milliseconds(millis)), [weak](bool expired) {
        const auto asked = weak.lock();
        if (!expired || asked == nullptr) return;
        asked->Abort(absl::DeadlineExceededError(
            absl::StrCat("host ", asked->stream_->host().name, " did not answer in time")));
      });
  return call.get();
}

void AskCall::OnAnswer(v1::Answer answer) {
  const bool last = answer.last();
  answer.set_id(0);
  {
    absl::MutexLock lock(&mutex_);
    if (finished_ || conclusion_.has_value()) return;
    waiting_bytes_ += answer.ByteSizeLong();
    const bool small = waiting_bytes_ <= kMaxWaitingBytes || waiting_.empty();
    if (small && waiting_.size() <= kAnswerWindow) {
      waiting_.push_back(std::move(answer));
      if (last) {
        Conclude(absl::OkStatus());
      } else {
        MaybeWrite();
      }
      return;
    }
  }
  Abort(absl::ResourceExhaustedError(
      absl::StrCat("host ", stream_->host().name, " sends more of its answer than it may")));
}

void AskCall::OnHostGone(const absl::Status& reason) {
  absl::MutexLock lock(&mutex_);
  Conclude(reason);
}

void AskCall::Conclude(const absl::Status& status) {
  if (finished_ || conclusion_.has_value()) return;
  conclusion_ = status;
  MaybeWrite();
}

void AskCall::Abort(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  if (finished_) return;
  finished_ = true;
  Finish(ToGrpc(status));
}

void AskCall::MaybeWrite() {
  if (finished_ || writing_) return;
  if (!waiting_.empty()) {
    writing_ = true;
    StartWrite(&waiting_.front());
  } else if (conclusion_.has_value()) {
    finished_ = true;
    Finish(ToGrpc(*conclusion_));
  }
}

void AskCall::OnWriteDone(bool ok) {
  if (!ok) {
    Abort(absl::CancelledError("the caller has gone"));
    return;
  }
  std::optional<uint64_t> question;
  {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    waiting_bytes_ -= waiting_.front().ByteSizeLong();
    if (!waiting_.front().last()) question = question_;
    waiting_.pop_front();
    MaybeWrite();
  }
  if (question.has_value()) stream_->Taken(*question);
}

void AskCall::OnCancel() { Abort(absl::CancelledError("the caller has gone")); }

void AskCall::OnDone() {
  std::shared_ptr<AskCall> self;
  std::optional<uint64_t> question;
  {
    absl::MutexLock lock(&mutex_);
    self = std::move(self_);
    question = question_;
  }
  alarm_.Cancel();
  if (question.has_value()) stream_->Forget(*question);
}

}  // namespace firebreak::controller
