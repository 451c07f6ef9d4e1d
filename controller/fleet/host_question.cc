// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/host_question.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/worker/steady_condition.h"

namespace firebreak::controller {

HostQuestion::HostQuestion(std::shared_ptr<HostStream> stream, absl::Duration timeout,
                           OnPart on_part)
    : stream_(std::move(stream)),
      deadline_(SteadyCondition::Now() + timeout),
      on_part_(std::move(on_part)) {}

std::shared_ptr<HostQuestion> HostQuestion::Ask(std::shared_ptr<HostStream> stream,
                                                v1::Question question, absl::Duration timeout,
                                                OnPart on_part) {
  std::shared_ptr<HostQuestion> asked(
      new HostQuestion(std::move(stream), timeout, std::move(on_part)));
  question.set_timeout_millis(static_cast<uint32_t>(absl::ToInt64Milliseconds(timeout)));
  const auto id = asked->stream_->Ask(std::move(question), asked);
  size_t untold = 0;
  {
    absl::MutexLock lock(&asked->mutex_);
    if (!id.ok()) {
      asked->result_ = id.status();
      return asked;
    }
    asked->id_ = *id;
    untold = std::exchange(asked->untold_, 0);
  }
  for (; untold > 0; --untold) asked->stream_->Taken(*id);
  return asked;
}

std::optional<absl::Status> HostQuestion::Result() {
  absl::MutexLock lock(&mutex_);
  if (!result_.has_value() && SteadyCondition::Now() > deadline_) {
    result_ = absl::DeadlineExceededError("did not answer in time");
  }
  return result_;
}

void HostQuestion::Stop() {
  std::optional<uint64_t> id;
  {
    absl::MutexLock lock(&mutex_);
    on_part_ = nullptr;
    id = id_;
    if (!result_.has_value()) result_ = absl::CancelledError("nobody listens");
  }
  if (id.has_value()) stream_->Forget(*id);
}

void HostQuestion::OnAnswer(v1::Answer answer) {
  std::optional<uint64_t> taken;
  {
    absl::MutexLock lock(&mutex_);
    if (result_.has_value()) return;
    if (!answer.error().empty()) {
      result_ = absl::UnknownError(answer.error());
      return;
    }
    if (++parts_ > kMaxParts) {
      result_ = absl::ResourceExhaustedError("sends more of its answer than it may");
      return;
    }
    if (on_part_) on_part_(answer);
    if (answer.last()) {
      result_ = absl::OkStatus();
      return;
    }
    if (id_.has_value()) {
      taken = id_;
    } else {
      ++untold_;
    }
  }
  if (taken.has_value()) stream_->Taken(*taken);
}

void HostQuestion::OnHostGone(const absl::Status& reason) {
  absl::MutexLock lock(&mutex_);
  if (!result_.has_value()) result_ = reason;
}

}  // namespace firebreak::controller
