// SPDX-License-Identifier: Apache-2.0

// How a SegmentStore is searched.

#include <algorithm>
#include <limits>
#include <utility>

#include "base/log/log.h"
#include "base/status/status.h"
#include "controller/log/segment_store.h"

namespace firebreak::controller {
namespace {

// The work of one turn: it takes a few milliseconds, while other searches wait.
constexpr size_t kBlocksAtOnce = 32;
constexpr int kSegmentsAtOnce = 64;
// How many blocks may be indexed in memory, summed over all segments that are no longer written to.
constexpr size_t kMaxIndexed = 1'000'000;
constexpr size_t kMaxDamageNoted = 100'000;
constexpr uint64_t kEndOfSegment = std::numeric_limits<uint64_t>::max();

// Records that arrive at some time may have waited at their host for up to kMaxWaitedMicros, and
// been made by a clock that is up to kMaxAheadMicros ahead.
constexpr int64_t kMaxWaitedMicros = int64_t{24} * 3600 * 1'000'000;
constexpr int64_t kMaxAheadMicros = int64_t{3600} * 1'000'000;

bool MayConcern(const LogQuery& query, const Damage& damage) {
  const bool is_later = damage.until_micros < std::numeric_limits<int64_t>::max() &&
                        query.since > damage.until_micros + kMaxAheadMicros;
  const bool is_earlier = damage.since_micros > std::numeric_limits<int64_t>::min() &&
                          query.until <= damage.since_micros - kMaxWaitedMicros;
  return !is_later && !is_earlier;
}

void AddPlace(const LogPosition& place, std::vector<LogPosition>& places) {
  if (places.empty() || places.back() != place) places.push_back(place);
}

}  // namespace

// The state of one call of Read or GoBack.
struct SegmentStore::Reading {
  Reading(const LogQuery& query, const LogVisitor& told) : asked(query), visitor(told) {}

  // Reads a block into `block` and `columns`. On an error the block is damaged or gone.
  absl::Status ReadColumns(const Segment& segment, const Segment::Place& place) {
    return segment.Read(*file, place, bytes, block, columns);
  }
  // Like ReadColumns, and decodes the columns into `batch`, which is not usable after an error.
  absl::Status ReadBlock(const Segment& segment, const Segment::Place& place) {
    RETURN_IF_ERROR(ReadColumns(segment, place));
    return decoder.Decode(columns, batch);
  }
  // Shows the block's matching records, from number `first` on, and returns how many they are.
  absl::StatusOr<size_t> Show(const Segment& segment, const Segment::Place& place, uint32_t first) {
    if (first == 0 && place.all_match && visitor.on_whole_block != nullptr) {
      RETURN_IF_ERROR(ReadColumns(segment, place));
      visitor.on_whole_block({block.host, block.first_sequence, columns});
      return block.records;
    }
    RETURN_IF_ERROR(ReadBlock(segment, place));
    chosen.clear();
    for (uint32_t i = first; i < batch.records.size(); ++i) {
      if (asked.query.Matches(batch.records[i], batch.texts)) chosen.push_back(i);
    }
    if (!chosen.empty()) {
      visitor.on_block({block.host, block.first_sequence, columns, batch, chosen});
    }
    return chosen.size();
  }

  const BlockQuery asked;
  const LogVisitor& visitor;
  LogPosition* position = nullptr;
  LogPosition end;
  size_t blocks = kBlocksAtOnce;  // the number of blocks that may still be read
  size_t records = 0;             // the number of records that may still be found

  // The block that was read last, with its records; every block reuses the same memory.
  std::shared_ptr<const Segment::File> file;
  BatchDecoder decoder;
  RecordBatch batch;
  std::string bytes;
  Block block;
  absl::string_view columns;
  std::vector<uint32_t> chosen;
};

void SegmentStore::NoteDamage(uint64_t segment, uint64_t offset, const absl::Status& status) const {
  absl::MutexLock lock(&mutex_);
  if (found_damaged_.size() < kMaxDamageNoted && found_damaged_.emplace(segment, offset).second) {
    LogError(status.message());
  }
}

std::vector<Damage> SegmentStore::MissingBefore(uint64_t number) const {
  absl::MutexLock lock(&mutex_);
  const auto found = missing_.find(number);
  return found == missing_.end() ? std::vector<Damage>() : found->second;
}

void SegmentStore::TellDamage(const std::vector<Damage>& damage, bool missing,
                              const Reading& reading) const {
  const LogQuery& query = reading.asked.query;
  for (const Damage& one : damage) {
    if (!MayConcern(query, one)) continue;
    LogGap gap = {
        .since_micros = one.since_micros, .until_micros = one.until_micros, .missing = missing};
    for (const auto& [host, records] : one.lost) {
      if (!query.WantsHost(host)) continue;
      gap.host = host;
      gap.records = records;
      reading.visitor.on_gap(gap);
    }
    gap.host.clear();
    gap.records = 0;
    if (!one.counted) reading.visitor.on_gap(gap);
  }
}

absl::StatusOr<bool> SegmentStore::ReadSegment(Segment& segment, Reading& reading) const {
  LogPosition& position = *reading.position;
  const uint64_t number = segment.number();
  const uint64_t limit = number == reading.end.segment ? reading.end.offset : kEndOfSegment;
  if (position.offset == 0 && position.record == 0) {
    TellDamage(MissingBefore(number), /*missing=*/true, reading);
  }
  uint64_t next = 0;
  ASSIGN_OR_RETURN(const auto places,
                   segment.Find(reading.asked, position.offset, reading.blocks, &next));
  auto file = segment.OpenToRead();
  if (!file.ok()) {
    if (!absl::IsNotFound(file.status())) return file.status();
    position = {number, limit, 0};  // retention has just deleted the segment
    return false;
  }
  reading.file = *std::move(file);
  uint64_t told = position.offset;
  for (const Segment::Place& place : places) {
    if (place.offset >= limit) {
      next = limit;
      break;
    }
    TellDamage(segment.DamageIn(told, place.offset), /*missing=*/false, reading);
    told = place.offset;
    const auto from = static_cast<uint32_t>(place.offset == position.offset ? position.record : 0);
    const absl::StatusOr<size_t> shown = reading.Show(segment, place, from);
    if (!shown.ok()) {
      if (!Holds(segment)) {
        position = {number, limit, 0};  // retention has just deleted the segment
        return false;
      }
      NoteDamage(number, place.offset, shown.status());
      reading.visitor.on_gap({place.host, place.first_micros, place.last_micros, place.records});
    }
    position = {number, place.end, 0};
    --reading.blocks;
    reading.records -= std::min(reading.records, shown.value_or(0));
    if (reading.records == 0) break;
  }
  if (reading.records == 0) {
    TellDamage(segment.DamageIn(told, position.offset), /*missing=*/false, reading);
    return true;
  }
  const uint64_t seen = std::max(position.offset, std::min(next, limit));
  // If a segment was truncated to nothing, its damage is at offset 0.
  TellDamage(segment.DamageIn(told, std::max<uint64_t>(seen, 1)), /*missing=*/false, reading);
  position = {number, seen, 0};
  return reading.blocks == 0;
}

absl::StatusOr<bool> SegmentStore::Read(const LogQuery& query, LogPosition& position,
                                        const LogPosition& end, size_t max_records,
                                        const LogVisitor& visitor) const {
  const auto segments = Segments();
  Reading reading(query, visitor);
  reading.position = &position;
  reading.end = end;
  reading.records = max_records;
  auto segment = std::find_if(segments.begin(), segments.end(),
                              [&](const auto& one) { return one->number() >= position.segment; });
  for (int i = 0; segment != segments.end(); ++segment, ++i) {
    const uint64_t number = (*segment)->number();
    if (position >= end) return false;
    if (number > end.segment) {
      position = end;
      return false;
    }
    if (number != position.segment) position = {.segment = number};
    if (i == kSegmentsAtOnce) break;
    ASSIGN_OR_RETURN(const bool more, ReadSegment(**segment, reading));
    if (more) break;
    BoundIndices();
  }
  return segment != segments.end() && position < end;
}

absl::StatusOr<bool> SegmentStore::GoBackInSegment(Segment& segment, LogPosition& position,
                                                   uint64_t& count, Reading& reading,
                                                   std::vector<LogPosition>& blocks) const {
  const uint64_t number = segment.number();
  const auto add_damage = [&](uint64_t from, uint64_t to) {
    auto damage = segment.DamageIn(from, to);
    for (auto one = damage.rbegin(); one != damage.rend(); ++one) {
      AddPlace({number, one->offset, 0}, blocks);
    }
  };
  ASSIGN_OR_RETURN(const auto places,
                   segment.FindBefore(reading.asked, position.offset, reading.blocks));
  auto file = segment.OpenToRead();
  if (!file.ok()) {
    if (!absl::IsNotFound(file.status())) return file.status();
    position = {number, 0, 0};  // retention has just deleted the segment
    return false;
  }
  reading.file = *std::move(file);
  uint64_t behind = position.offset;
  for (const Segment::Place& place : places) {
    add_damage(place.offset, behind);
    behind = position.offset = place.offset;
    --reading.blocks;
    if (!reading.ReadBlock(segment, place).ok()) {
      AddPlace({number, place.offset, 0}, blocks);
      continue;
    }
    const RecordBatch& batch = reading.batch;
    bool any = false;
    for (size_t i = batch.records.size(); i > 0; --i) {
      if (!reading.asked.query.Matches(batch.records[i - 1], batch.texts)) continue;
      any = true;
      if (--count > 0) continue;
      position.record = i - 1;
      AddPlace(position, blocks);
      return true;
    }
    if (any) AddPlace({number, place.offset, 0}, blocks);
  }
  if (reading.blocks == 0) return true;
  add_damage(0, behind);
  if (!MissingBefore(number).empty()) AddPlace({number, 0, 0}, blocks);
  position = {number, 0, 0};
  return false;
}

absl::StatusOr<bool> SegmentStore::GoBack(const LogQuery& query, LogPosition& position,
                                          uint64_t& count, std::vector<LogPosition>& blocks) const {
  if (count == 0) return false;
  const auto segments = Segments();
  const LogVisitor nobody;
  Reading reading(query, nobody);
  auto behind = std::find_if(segments.begin(), segments.end(),
                             [&](const auto& one) { return one->number() > position.segment; });
  for (int i = 0; behind != segments.begin(); --behind, ++i) {
    if (i == kSegmentsAtOnce) return true;
    Segment& segment = **std::prev(behind);
    if (segment.number() != position.segment) {
      position = {.segment = segment.number(), .offset = kEndOfSegment};
    }
    ASSIGN_OR_RETURN(const bool stop, GoBackInSegment(segment, position, count, reading, blocks));
    if (count == 0) return false;
    if (stop) return true;
    BoundIndices();
    // The records before this segment are in another one.
    if (std::prev(behind) != segments.begin()) {
      position = {.segment = segment.number() - 1, .offset = kEndOfSegment};
    }
  }
  position = Begin();
  return false;
}

void SegmentStore::BoundIndices() const {
  const auto segments = Segments();
  size_t indexed = 0;
  for (size_t i = 0; i + 1 < segments.size(); ++i) indexed += segments[i]->indexed();
  for (size_t i = 0; i + 1 < segments.size() && indexed > kMaxIndexed; ++i) {
    indexed -= segments[i]->indexed();
    segments[i]->ForgetIndex();
  }
}

}  // namespace firebreak::controller
