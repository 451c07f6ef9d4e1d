#include "controller/log/log_call.h"

#include <utility>

#include "base/status/status.h"
#include "controller/identity/grpc_status.h"
#include "proto/log/log_record.h"

namespace firebreak::controller {
namespace {

constexpr size_t kRecordsAtOnce = 512;

}  // namespace

LogCall* LogCall::Start(const Parts& parts, Request request) {
  std::shared_ptr<LogCall> call(new LogCall(parts, std::move(request)));
  if (call->request_.follow) parts.intake.Watch(call);
  absl::MutexLock lock(&call->mutex_);
  call->self_ = call;
  call->ReadOn();
  return call.get();
}

void LogCall::ReadOn() {
  busy_ = true;
  news_ = false;
  if (!parts_.worker.Do([self = shared_from_this()] { self->Read(); })) {
    busy_ = false;
    End(absl::UnavailableError("too many are reading the log; try again"));
  }
}

void LogCall::End(const absl::Status& status) {
  if (finished_) return;
  finished_ = true;
  Finish(ToGrpc(status));
}

absl::StatusOr<bool> LogCall::FindBeginning() {
  if (!position_.has_value()) {
    end_ = parts_.store.End();
    if (request_.after.has_value()) {
      position_ = *request_.after;
    } else if (request_.last.has_value()) {
      position_ = end_;
      to_go_back_ = *request_.last;
    } else {
      position_ = parts_.store.Begin();
    }
  }
  ASSIGN_OR_RETURN(const auto more, parts_.store.GoBack(request_.query, *position_, to_go_back_));
  return !more;
}

absl::StatusOr<bool> LogCall::ReadSome() {
  outgoing_.Clear();
  if (!begins_here_) {
    ASSIGN_OR_RETURN(const auto found, FindBeginning());
    begins_here_ = found;
    if (!begins_here_) return true;
  }
  const auto more = parts_.store.Read(request_.query, *position_, kRecordsAtOnce,
                                      [this](const StoredRecord& stored) {
                                        v1::LogRecord& record = *outgoing_.add_records();
                                        record = ToLogRecord(stored.record, stored.texts);
                                        record.set_host(stored.host);
                                        record.set_sequence(stored.sequence);
                                      });
  if (!more.ok()) return more.status();
  outgoing_.set_position(PrintPosition(*position_));
  // What has come since a search began is for the next one.
  return *more && (request_.follow || *position_ < end_);
}

void LogCall::Read() {
  {
    absl::MutexLock lock(&mutex_);
    if (finished_) return;
  }
  const absl::StatusOr<bool> more = ReadSome();
  absl::MutexLock lock(&mutex_);
  if (finished_) return;
  if (!more.ok()) return End(more.status());
  const bool last = !*more && !request_.follow;
  if (!outgoing_.records().empty()) {
    if (last) {
      finished_ = true;
      StartWriteAndFinish(&outgoing_, grpc::WriteOptions(), grpc::Status::OK);
    } else {
      news_ = news_ || *more;
      StartWrite(&outgoing_);
    }
    return;
  }
  busy_ = false;
  if (last) return End(absl::OkStatus());
  if (*more || news_) ReadOn();
}

void LogCall::OnNewRecords() {
  absl::MutexLock lock(&mutex_);
  news_ = true;
  if (!busy_ && !finished_) ReadOn();
}

void LogCall::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  busy_ = false;
  if (finished_) return;
  if (!ok) return End(absl::CancelledError("the caller is gone"));
  if (news_) ReadOn();
}

void LogCall::OnCancel() {
  absl::MutexLock lock(&mutex_);
  End(absl::CancelledError("the caller is gone"));
}

void LogCall::OnDone() {
  std::shared_ptr<LogCall> self;  // goes after the lock
  absl::MutexLock lock(&mutex_);
  self = std::move(self_);
}

}  // namespace firebreak::controller
