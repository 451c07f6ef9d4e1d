// SPDX-License-Identifier: Apache-2.0
#include "controller/log/segment_store.h"

#include <errno.h>
#include <sys/stat.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "controller/log/numbers.h"

namespace firebreak::controller {
namespace {

constexpr uint64_t kMaxSequence = std::numeric_limits<uint64_t>::max() / 2;

Block Describe(const HostBatch& batch, const RecordBatch& records, absl::Time now) {
  Block block = {.host = batch.host,
                 .epoch = batch.epoch,
                 .first_sequence = batch.first_sequence,
                 .records = static_cast<uint32_t>(records.records.size()),
                 .first_micros = std::numeric_limits<int64_t>::max(),
                 .arrived_micros = absl::ToUnixMicros(now)};
  for (const Record& record : records.records) {
    block.first_micros = std::min(block.first_micros, record.time_micros);
    block.last_micros = std::max(block.last_micros, record.time_micros);
    block.actions |= ActionBit(record.action);
  }
  return block;
}

}  // namespace

// The data that one Append collects before it writes.
struct SegmentStore::Writing {
  std::string frames;
  std::vector<Segment::Added> blocks;
  HostNumbers numbers;  // the numbers that the batches change
  BatchEncoder encoder;
  LogStats stats;

  void Add(const Block& block, const RecordBatch& batch, absl::string_view columns) {
    const size_t begin = frames.size();
    for (const Record& record : batch.records) {
      if (record.action == Action::kEventsLost) {
        stats.lost += record.lost;
      } else {
        ++stats.records;
      }
    }
    AppendBlock(block, columns, frames);
    blocks.push_back({.block = block,
                      .length = frames.size() - begin,
                      .summary = Summarize(batch, columns.size())});
    TakeNumbers(block, numbers);
  }
};

absl::StatusOr<std::unique_ptr<SegmentStore>> SegmentStore::Open(std::string directory,
                                                                 const Options& options) {
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::ErrnoToStatus(errno, absl::StrCat("create the log's directory ", directory));
  }
  std::unique_ptr<SegmentStore> store(new SegmentStore(std::move(directory), options));
  RETURN_IF_ERROR(store->Load());
  return store;
}

std::string SegmentStore::PathOf(uint64_t number) const {
  return absl::StrCat(directory_, "/", absl::StrFormat("%016x", number), ".segment");
}

absl::Status SegmentStore::Rotate() {
  const auto segments = Segments();
  const uint64_t number = state_.newest + 1;
  ASSIGN_OR_RETURN(auto next, Segment::Create(PathOf(number), number, numbers_));
  {
    absl::MutexLock lock(&mutex_);
    segments_.push_back(std::move(next));
  }
  state_.newest = number;
  SaveState();
  if (!segments.empty() && !segments.back()->sealed()) {
    if (absl::Status status = segments.back()->Seal(); !status.ok()) LogWarning(status.message());
  }
  return absl::OkStatus();
}

std::vector<SegmentStore::SegmentPtr> SegmentStore::Segments() const {
  absl::MutexLock lock(&mutex_);
  return segments_;
}

bool SegmentStore::Holds(const Segment& segment) const {
  absl::MutexLock lock(&mutex_);
  return std::any_of(segments_.begin(), segments_.end(),
                     [&](const SegmentPtr& one) { return one.get() == &segment; });
}

absl::Status SegmentStore::Take(HostBatch& batch, absl::Time now, Writing& writing) {
  RETURN_IF_ERROR(decoder_.Decode(batch.columns, decoded_));
  const uint64_t count = decoded_.records.size();
  if (batch.epoch == 0 || batch.first_sequence == 0 || batch.first_sequence > kMaxSequence) {
    return absl::InvalidArgumentError("a batch of log records without a number");
  }
  const auto known = writing.numbers.find(batch.host);
  const uint64_t next =
      known != writing.numbers.end() && NextNumber(writing.numbers, batch.host, batch.epoch) > 1
          ? NextNumber(writing.numbers, batch.host, batch.epoch)
          : NextNumber(numbers_, batch.host, batch.epoch);
  batch.next_sequence = std::max(next, batch.first_sequence + count);
  // The store has all its records already.
  if (batch.first_sequence + count <= next) return absl::OkStatus();
  if (batch.first_sequence > next) {
    Record loss = {.time_micros = absl::ToUnixMicros(now), .lost = batch.first_sequence - next};
    RecordBatch records;
    loss.action = Action::kEventsLost;
    loss.reason = records.texts.Intern("spool");
    const HostBatch own = {.host = batch.host};
    records.records.push_back(loss);
    writing.Add(Describe(own, records, now), records,
                writing.encoder.Encode(records.records, records.texts));
  }
  if (batch.first_sequence < next) {
    const uint64_t known_already = next - batch.first_sequence;
    decoded_.records.erase(decoded_.records.begin(),
                           decoded_.records.begin() + static_cast<ptrdiff_t>(known_already));
    batch.first_sequence = next;
    batch.columns = writing.encoder.Encode(decoded_.records, decoded_.texts);
  }
  writing.Add(Describe(batch, decoded_, now), decoded_, batch.columns);
  return absl::OkStatus();
}

absl::Status SegmentStore::Append(std::span<HostBatch> batches, absl::Time now) {
  Writing writing;
  for (HostBatch& batch : batches) batch.status = Take(batch, now, writing);
  if (writing.blocks.empty()) return absl::OkStatus();
  if (IsFull(now)) {
    RETURN_IF_ERROR(Rotate());
    TrimToSize();
  }
  RETURN_IF_ERROR(MakeRoom(writing.frames.size()));
  const std::vector<Segment::Added> blocks = writing.blocks;
  RETURN_IF_ERROR(Segments().back()->Append(writing.frames, std::move(writing.blocks)));
  for (const Segment::Added& added : blocks) {
    TakeNumbers(added.block, numbers_);
    if (held_.has_value()) (*held_)[added.block.host] += added.length;
  }
  absl::MutexLock lock(&mutex_);
  stats_.records += writing.stats.records;
  stats_.lost += writing.stats.lost;
  return absl::OkStatus();
}

LogPosition SegmentStore::End() const {
  const auto last = Segments().back();
  return {.segment = last->number(), .offset = last->bytes()};
}

LogPosition SegmentStore::Begin() const { return {.segment = Segments().front()->number()}; }

uint64_t SegmentStore::bytes() const {
  absl::MutexLock lock(&mutex_);
  uint64_t bytes = 0;
  for (const auto& segment : segments_) bytes += segment->stored();
  return bytes;
}

LogStats SegmentStore::stats() const {
  const uint64_t stored = bytes();
  const Space space = MeasureSpace();
  absl::MutexLock lock(&mutex_);
  LogStats stats = stats_;
  stats.bytes = stored;
  stats.free_bytes = space.free;
  stats.kept_free = space.kept;
  stats.damaged += found_damaged_.size();
  for (const auto& [number, damage] : missing_) stats.damaged += damage.size();
  for (const auto& segment : segments_) {
    stats.damaged += segment->DamageIn(0, std::numeric_limits<uint64_t>::max()).size();
  }
  return stats;
}

}  // namespace firebreak::controller
