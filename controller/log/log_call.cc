// SPDX-License-Identifier: Apache-2.0
#include "controller/log/log_call.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/status/status.h"
#include "controller/identity/grpc_status.h"
#include "proto/log/log_record.h"
#include "proto/log/words.h"

namespace firebreak::controller {
namespace {

constexpr size_t kRecordsAtOnce = 512;
constexpr size_t kPackedAtOnce = 16 * kMaxBatchRecords;
// The number of blocks that the way back remembers; if there are more, the search reads everything
// from there on again.
constexpr size_t kMaxBlocks = 100'000;
constexpr size_t kBlocksAtOnce = 16;
constexpr char kDamaged[] = "log.damaged";
constexpr char kMissing[] = "log.missing";
constexpr LogPosition kNoEnd = {.segment = std::numeric_limits<uint64_t>::max()};

void SetMicros(int64_t micros, google::protobuf::Timestamp* time) {
  constexpr int64_t kMostSeconds = 253402300799;
  const int64_t seconds = std::clamp<int64_t>(micros / 1'000'000, 0, kMostSeconds);
  time->set_seconds(seconds);
}

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
  if (!parts_.readers.Do(turns_, [self = shared_from_this()] { self->Read(); })) {
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
      only_blocks_ = true;
    } else {
      position_ = parts_.store.Begin();
    }
  }
  ASSIGN_OR_RETURN(const auto more,
                   parts_.store.GoBack(request_.query, *position_, to_go_back_, blocks_));
  if (blocks_.size() > kMaxBlocks) only_blocks_ = false;
  if (!only_blocks_) blocks_.clear();
  return !more;
}

void LogCall::Add(const StoredBlock& block) {
  if (request_.packed) {
    v1::LogBlock& added = *outgoing_.add_blocks();
    added.set_host(block.host);
    added.set_first_sequence(block.first_sequence);
    added.set_columns(std::string(block.columns));
    if (block.chosen.size() == block.batch.records.size()) return;
    added.mutable_chosen()->Assign(block.chosen.begin(), block.chosen.end());
    return;
  }
  for (const uint32_t index : block.chosen) {
    v1::LogRecord& record = *outgoing_.add_records();
    record = ToLogRecord(block.batch.records[index], block.batch.texts);
    record.set_host(block.host);
    record.set_sequence(block.SequenceOf(index));
  }
}

void LogCall::Add(const WholeBlock& block) {
  v1::LogBlock& added = *outgoing_.add_blocks();
  added.set_host(block.host);
  added.set_first_sequence(block.first_sequence);
  added.set_columns(std::string(block.columns));
}

// A gap is added behind the records and gaps that were found before it, so callers can rely on the
// order.
void LogCall::Add(const LogGap& gap) {
  v1::LogRecord record;
  SetMicros(gap.since_micros, record.mutable_time());
  SetMicros(gap.until_micros, record.mutable_until());
  record.set_host(gap.host);
  record.set_action(std::string(WordOf(Action::kEventsLost)));
  record.set_reason(gap.missing ? kMissing : kDamaged);
  if (gap.records > 0) record.set_lost(gap.records);
  if (request_.packed) {
    *outgoing_.add_blocks()->mutable_gap() = std::move(record);
  } else {
    *outgoing_.add_records() = std::move(record);
  }
}

absl::StatusOr<bool> LogCall::ReadSome() {
  outgoing_.Clear();
  outgoing_.set_terms_met(true);
  if (!begins_here_) {
    ASSIGN_OR_RETURN(const auto found, FindBeginning());
    begins_here_ = found;
    if (!begins_here_) return true;
  }
  LogVisitor visitor = {[this](const StoredBlock& block) { Add(block); },
                        [this](const LogGap& gap) { Add(gap); }};
  if (request_.packed) visitor.on_whole_block = [this](const WholeBlock& block) { Add(block); };
  if (only_blocks_) return ReadBlocks(visitor);
  // A search that does not follow stops at the end that the log had when it began.
  ASSIGN_OR_RETURN(const bool more,
                   parts_.store.Read(request_.query, *position_, request_.follow ? kNoEnd : end_,
                                     RecordsAtOnce(), visitor));
  outgoing_.set_position(PrintPosition(*position_));
  return more;
}

size_t LogCall::RecordsAtOnce() const { return request_.packed ? kPackedAtOnce : kRecordsAtOnce; }

absl::StatusOr<bool> LogCall::ReadBlocks(const LogVisitor& visitor) {
  for (size_t i = 0; i < kBlocksAtOnce && !blocks_.empty() &&
                     static_cast<size_t>(outgoing_.records_size()) < kRecordsAtOnce;
       ++i) {
    position_ = blocks_.back();
    blocks_.pop_back();
    const LogPosition end = {position_->segment, position_->offset + 1, 0};
    RETURN_IF_ERROR(
        parts_.store.Read(request_.query, *position_, end, RecordsAtOnce(), visitor).status());
  }
  only_blocks_ = !blocks_.empty();
  if (!only_blocks_) position_ = end_;
  outgoing_.set_position(PrintPosition(*position_));
  return only_blocks_ || request_.follow;
}

void LogCall::Read() {
  {
    absl::MutexLock lock(&mutex_);
    if (finished_) return;
  }
  ++turns_;
  const absl::StatusOr<bool> more = ReadSome();
  absl::MutexLock lock(&mutex_);
  if (finished_) return;
  if (!more.ok()) return End(more.status());
  const bool last = !*more && !request_.follow;
  // The last message is sent even if it is empty, because it tells where the search ended.
  if (last || !outgoing_.records().empty() || !outgoing_.blocks().empty()) {
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
  std::shared_ptr<LogCall> self;  // destroyed after the lock is released
  absl::MutexLock lock(&mutex_);
  self = std::move(self_);
}

}  // namespace firebreak::controller
