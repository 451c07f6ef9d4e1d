// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/audit_call.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/status/status.h"
#include "controller/identity/grpc_status.h"

namespace firebreak::controller {

AuditCall::AuditCall(Database& database, AuditSigner& audit_signer, v1::ReadAuditRequest request)
    : database_(database),
      audit_signer_(audit_signer),
      request_(std::move(request)),
      after_(request_.after()) {}

AuditCall* AuditCall::Start(Database& database, AuditSigner& audit_signer,
                            v1::ReadAuditRequest request) {
  std::shared_ptr<AuditCall> call(new AuditCall(database, audit_signer, std::move(request)));
  // The call is registered before it reads the trail, so that it misses no row in between.
  if (call->request_.follow()) database.WatchAudit(call);
  absl::MutexLock lock(&call->mutex_);
  call->self_ = call;
  absl::Status status = call->AddHeads();
  if (status.ok() && call->request_.last() > 0) status = call->SkipToLast();
  if (status.ok()) {
    call->GoOn();
  } else {
    call->End(status);
  }
  return call.get();
}

AuditFilter AuditCall::Filter() const {
  AuditFilter filter = {.actor = request_.actor(), .host = request_.host()};
  if (request_.has_since()) filter.since = absl::FromUnixSeconds(request_.since().seconds());
  return filter;
}

absl::Status AuditCall::AddHeads() {
  ASSIGN_OR_RETURN(auto head, audit_signer_.SignEnd(absl::Now()));
  *outgoing_.mutable_head() = std::move(head);
  const bool whole = request_.after() == 0 && request_.last() == 0 && request_.host().empty() &&
                     request_.actor().empty() && !request_.has_since();
  if (!whole) return absl::OkStatus();
  return database_.Transact("read the audit trail", [&](Connection& connection) {
    ASSIGN_OR_RETURN(auto heads, ReadAuditHeads(connection));
    for (v1::AuditHead& earlier : heads) *outgoing_.add_earlier() = std::move(earlier);
    return absl::OkStatus();
  });
}

absl::StatusOr<bool> AuditCall::ReadPage() {
  std::vector<v1::AuditRow> rows;
  absl::Status status = database_.Transact("read the audit trail", [&](Connection& connection) {
    auto read = ReadAudit(connection, after_, kPageRows, Filter());
    if (read.ok()) rows = *std::move(read);
    return read.status();
  });
  if (!status.ok()) return status;
  if (rows.empty()) return false;
  after_ = rows.back().number();
  for (v1::AuditRow& row : rows) *outgoing_.add_rows() = std::move(row);
  return true;
}

absl::Status AuditCall::SkipToLast() {
  return database_.Transact("read the audit trail", [&](Connection& connection) {
    ASSIGN_OR_RETURN(const uint64_t before, FindLastAudit(connection, request_.last(), Filter()));
    after_ = std::max(after_, before);
    return absl::OkStatus();
  });
}

void AuditCall::GoOn() {
  while (!finished_) {
    if (outgoing_.rows().empty()) {
      const absl::StatusOr<bool> more = ReadPage();
      if (!more.ok()) return End(more.status());
      if (!*more && !first_) {
        if (!request_.follow()) return End(absl::OkStatus());
        waiting_ = true;
        return;
      }
    }
    if (first_ || !outgoing_.rows().empty()) {
      first_ = false;
      StartWrite(&outgoing_);
      return;
    }
  }
}

void AuditCall::OnAudited() {
  absl::MutexLock lock(&mutex_);
  if (!std::exchange(waiting_, false) || finished_) return;
  // The rows are read on one of gRPC's threads, because the calling thread is writing to the
  // database.
  alarm_ = std::make_unique<grpc::Alarm>();
  alarm_->Set(absl::ToChronoTime(absl::Now()), [weak = weak_from_this()](bool expired) {
    const auto call = weak.lock();
    if (!expired || call == nullptr) return;
    absl::MutexLock call_lock(&call->mutex_);
    call->GoOn();
  });
}

void AuditCall::End(const absl::Status& status) {
  if (finished_) return;
  finished_ = true;
  Finish(ToGrpc(status));
}

void AuditCall::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  outgoing_.Clear();
  if (ok) {
    GoOn();
  } else {
    End(absl::CancelledError("the caller has gone"));
  }
}

void AuditCall::OnCancel() {
  absl::MutexLock lock(&mutex_);
  End(absl::CancelledError("the caller has gone"));
}

void AuditCall::OnDone() {
  std::shared_ptr<AuditCall> self;  // destroyed after the lock is released
  std::unique_ptr<grpc::Alarm> alarm;
  absl::MutexLock lock(&mutex_);
  alarm = std::move(alarm_);
  self = std::move(self_);
}

}  // namespace firebreak::controller
