#include "controller/log/segment_store.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

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

constexpr size_t kBlocksAtOnce = 64;
// Of all segments together that nobody writes to.
constexpr size_t kMaxIndexed = 1'000'000;
constexpr uint64_t kEndOfSegment = std::numeric_limits<uint64_t>::max();
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

void TellOfDamage(const absl::Status& status) {
  // What retention has just taken is no damage.
  if (!absl::IsNotFound(status)) LogError(status.message());
}

// A segment's blocks with their records, one after the other in the same memory.
class BlockReader {
 public:
  explicit BlockReader(const Segment& segment) : segment_(segment) {}

  // False: the block is damaged, which is told, or gone; batch() is of none then.
  bool Read(const Segment::Place& place) {
    absl::string_view columns;
    absl::Status status = segment_.Read(place, bytes_, block_, columns);
    if (status.ok()) status = decoder_.Decode(columns, batch_);
    if (!status.ok()) TellOfDamage(status);
    return status.ok();
  }

  const Block& block() const { return block_; }
  const RecordBatch& batch() const { return batch_; }

 private:
  const Segment& segment_;
  BatchDecoder decoder_;
  RecordBatch batch_;
  std::string bytes_;
  Block block_;
};

}  // namespace

// What one Append puts together before it writes.
struct SegmentStore::Writing {
  std::string frames;
  std::vector<Block> blocks;
  std::vector<uint64_t> lengths;
  HostNumbers numbers;  // those that it changes
  BatchEncoder encoder;
  LogFigures figures;

  void Add(const Block& block, const std::vector<Record>& records, absl::string_view columns) {
    const size_t begin = frames.size();
    for (const Record& record : records) {
      if (record.action == Action::kEventsLost) {
        figures.lost += record.lost;
      } else {
        ++figures.records;
      }
    }
    AppendBlock(block, columns, frames);
    blocks.push_back(block);
    lengths.push_back(frames.size() - begin);
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

absl::Status SegmentStore::Load() {
  DIR* const entries = opendir(directory_.c_str());
  if (entries == nullptr) {
    return absl::ErrnoToStatus(errno, absl::StrCat("open the log's directory ", directory_));
  }
  std::vector<uint64_t> numbers;
  while (const dirent* entry = readdir(entries)) {
    uint64_t number;
    int end = 0;
    if (sscanf(entry->d_name, "%16" SCNx64 ".segment%n", &number, &end) == 1 && end == 24 &&
        entry->d_name[end] == '\0') {
      numbers.push_back(number);
    }
  }
  closedir(entries);
  std::sort(numbers.begin(), numbers.end());
  std::vector<std::shared_ptr<Segment>> segments;
  for (const uint64_t number : numbers) {
    ASSIGN_OR_RETURN(auto segment, Segment::Open(PathOf(number), number));
    segments.push_back(std::move(segment));
  }
  // A crash while a segment was begun leaves one without a head, and the one before it whole.
  while (!segments.empty()) {
    const absl::Status status = segments.back()->Recover(numbers_);
    if (status.ok()) break;
    if (!absl::IsDataLoss(status)) return status;
    LogWarning(status.message(), "; set aside");
    const std::string path = segments.back()->path();
    if (rename(path.c_str(), (path + ".damaged").c_str()) != 0) {
      return absl::ErrnoToStatus(errno, absl::StrCat("set ", path, " aside"));
    }
    segments.pop_back();
  }
  {
    absl::MutexLock lock(&mutex_);
    segments_ = std::move(segments);
    if (!segments_.empty()) return absl::OkStatus();
  }
  return Rotate();
}

absl::Status SegmentStore::Rotate() {
  const auto segments = Segments();
  const uint64_t number = segments.empty() ? 1 : segments.back()->number() + 1;
  ASSIGN_OR_RETURN(auto next, Segment::Create(PathOf(number), number, numbers_));
  {
    absl::MutexLock lock(&mutex_);
    segments_.push_back(std::move(next));
  }
  if (!segments.empty()) {
    if (absl::Status status = segments.back()->Seal(); !status.ok()) LogWarning(status.message());
  }
  return absl::OkStatus();
}

std::vector<std::shared_ptr<Segment>> SegmentStore::Segments() const {
  absl::MutexLock lock(&mutex_);
  return segments_;
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
  if (batch.first_sequence + count <= next) return absl::OkStatus();  // it is here already
  if (batch.first_sequence > next) {
    Texts texts;
    Record loss = {.time_micros = absl::ToUnixMicros(now), .lost = batch.first_sequence - next};
    loss.action = Action::kEventsLost;
    loss.reason = texts.Intern("spool");
    const HostBatch own = {.host = batch.host};
    RecordBatch records;
    records.records.push_back(loss);
    writing.Add(Describe(own, records, now), records.records,
                writing.encoder.Encode(records.records, texts));
  }
  if (batch.first_sequence < next) {
    const uint64_t known_already = next - batch.first_sequence;
    decoded_.records.erase(decoded_.records.begin(),
                           decoded_.records.begin() + static_cast<ptrdiff_t>(known_already));
    batch.first_sequence = next;
    batch.columns = writing.encoder.Encode(decoded_.records, decoded_.texts);
  }
  writing.Add(Describe(batch, decoded_, now), decoded_.records, batch.columns);
  return absl::OkStatus();
}

absl::Status SegmentStore::Append(std::span<HostBatch> batches, absl::Time now) {
  Writing writing;
  for (HostBatch& batch : batches) batch.status = Take(batch, now, writing);
  if (writing.blocks.empty()) return absl::OkStatus();
  if (IsFull(now)) {
    RETURN_IF_ERROR(Rotate());
    Expire(now);
  }
  RETURN_IF_ERROR(Segments().back()->Append(writing.frames, writing.blocks, writing.lengths));
  for (size_t i = 0; i < writing.blocks.size(); ++i) {
    TakeNumbers(writing.blocks[i], numbers_);
    if (held_.has_value()) (*held_)[writing.blocks[i].host] += writing.lengths[i];
  }
  absl::MutexLock lock(&mutex_);
  figures_.records += writing.figures.records;
  figures_.lost += writing.figures.lost;
  return absl::OkStatus();
}

LogPosition SegmentStore::End() const {
  const auto last = Segments().back();
  return {.segment = last->number(), .offset = last->bytes()};
}

LogPosition SegmentStore::Begin() const { return {.segment = Segments().front()->number()}; }

absl::StatusOr<bool> SegmentStore::GoBack(const LogQuery& query, LogPosition& position,
                                          uint64_t& count) const {
  if (count == 0) return false;
  const auto segments = Segments();
  const auto behind = std::find_if(segments.begin(), segments.end(), [&](const auto& one) {
    return one->number() > position.segment;
  });
  if (behind == segments.begin()) {
    position = Begin();
    return false;
  }
  const auto segment = std::prev(behind);
  Segment& in = **segment;
  if (in.number() != position.segment) position = {.segment = in.number(), .offset = kEndOfSegment};
  ASSIGN_OR_RETURN(const auto places, in.FindBefore(query, position.offset, kBlocksAtOnce));
  BlockReader reader(in);
  for (const Segment::Place& place : places) {
    position.offset = place.offset;
    if (!reader.Read(place)) continue;
    const RecordBatch& batch = reader.batch();
    for (size_t i = batch.records.size(); i > 0; --i) {
      if (!query.Matches(batch.records[i - 1], batch.texts) || --count > 0) continue;
      position.record = i - 1;
      return false;
    }
  }
  if (places.size() == kBlocksAtOnce) return true;
  if (segment == segments.begin()) {
    position = Begin();
    return false;
  }
  position = {.segment = (*std::prev(segment))->number(), .offset = kEndOfSegment};
  BoundIndices();
  return true;
}

absl::StatusOr<bool> SegmentStore::Read(
    const LogQuery& query, LogPosition& position, size_t max_records,
    const std::function<void(const StoredRecord&)>& each) const {
  const auto segments = Segments();
  const auto segment = std::find_if(segments.begin(), segments.end(), [&](const auto& one) {
    return one->number() >= position.segment;
  });
  if (segment == segments.end()) return false;
  Segment& from = **segment;
  if (from.number() != position.segment) position = {.segment = from.number()};
  uint64_t next = 0;
  ASSIGN_OR_RETURN(const auto places, from.Find(query, position.offset, kBlocksAtOnce, &next));
  BlockReader reader(from);
  size_t found = 0;
  for (const Segment::Place& place : places) {
    uint64_t i = place.offset == position.offset ? position.record : 0;
    if (!reader.Read(place)) i = std::numeric_limits<uint64_t>::max();
    const RecordBatch& batch = reader.batch();
    const Block& block = reader.block();
    for (; i < batch.records.size(); ++i) {
      if (!query.Matches(batch.records[i], batch.texts)) continue;
      each({block.host, batch.records[i], batch.texts,
            block.first_sequence == 0 ? 0 : block.first_sequence + i});
      if (++found < max_records) continue;
      position = {from.number(), place.offset, i + 1};
      return true;
    }
    position = {from.number(), place.end, 0};
  }
  position = {from.number(), std::max(position.offset, next), 0};
  if (places.size() == kBlocksAtOnce) return true;
  if (std::next(segment) == segments.end()) return false;
  position = {.segment = (*std::next(segment))->number()};
  BoundIndices();
  return true;
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

uint64_t SegmentStore::bytes() const {
  absl::MutexLock lock(&mutex_);
  uint64_t bytes = 0;
  for (const auto& segment : segments_) bytes += segment->stored();
  return bytes;
}

LogFigures SegmentStore::figures() const {
  const uint64_t stored = bytes();
  absl::MutexLock lock(&mutex_);
  LogFigures figures = figures_;
  figures.bytes = stored;
  return figures;
}

}  // namespace firebreak::controller
