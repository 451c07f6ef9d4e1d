// SPDX-License-Identifier: Apache-2.0
#include "controller/log/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/files/files.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "controller/log/segment_file.h"

namespace firebreak::controller {
namespace {

absl::Status Errno(const char* operation, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(operation, " ", path));
}

// Adjacent holes are merged.
void AddHole(uint64_t begin, uint64_t end, std::vector<SegmentIndex::Frame>& holes) {
  if (!holes.empty() && holes.back().offset + holes.back().length == begin) {
    holes.back().length += end - begin;
  } else {
    holes.push_back({begin, end - begin});
  }
}

}  // namespace

absl::StatusOr<std::shared_ptr<Segment>> Segment::Create(const std::string& path, uint64_t number,
                                                         const HostNumbers& numbers) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return Errno("create", path);
  std::shared_ptr<Segment> segment(new Segment(path, number));
  {
    absl::MutexLock lock(&segment->mutex_);
    segment->writer_ = std::make_shared<File>(fd);
    segment->index_.emplace();
  }
  std::string head;
  AppendHead(numbers, head);
  absl::Status status = segment->Append(head, {});
  if (status.ok()) status = SyncDirectoryOf(path);
  if (!status.ok()) {
    unlink(path.c_str());
    return status;
  }
  return segment;
}

absl::StatusOr<std::shared_ptr<Segment>> Segment::Open(const std::string& path, uint64_t number) {
  std::shared_ptr<Segment> segment(new Segment(path, number));
  ASSIGN_OR_RETURN(const auto file, segment->OpenFile(O_RDONLY | O_NONBLOCK));
  struct stat info;
  if (fstat(file->descriptor, &info) != 0) return Errno("examine", path);
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is not a regular file"));
  }
  absl::MutexLock lock(&segment->mutex_);
  segment->Measure(file->descriptor);
  segment->arrivals_ = ReadArrivals(file->descriptor, segment->bytes_);
  segment->sealed_ = segment->arrivals_.has_value();
  if (segment->sealed_) return segment;
  // The trailer of an older version's index has no arrivals, so the index itself is looked for.
  SegmentIndex index;
  if (ReadIndexAtEnd(file->descriptor, segment->bytes_, index).has_value()) segment->sealed_ = true;
  return segment;
}

Segment::File::~File() { close(descriptor); }

absl::StatusOr<std::shared_ptr<const Segment::File>> Segment::OpenFile(int flags) const {
  const int fd = open(path_.c_str(), flags | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return Errno("open", path_);
  return std::make_shared<const File>(fd);
}

absl::StatusOr<std::shared_ptr<const Segment::File>> Segment::OpenToRead() const {
  std::shared_ptr<const File> writer = WriterAndBytes().first;
  if (writer != nullptr) return writer;
  return OpenFile(O_RDONLY);
}

void Segment::Measure(int descriptor) {
  constexpr uint64_t kStatBlock = 512;
  struct stat info;
  if (fstat(descriptor, &info) != 0) return;
  bytes_ = static_cast<uint64_t>(info.st_size);
  stored_ = std::min(bytes_, static_cast<uint64_t>(info.st_blocks) * kStatBlock);
}

bool Segment::sealed() const {
  absl::MutexLock lock(&mutex_);
  return sealed_;
}

absl::StatusOr<SegmentScan> Segment::Scan() const {
  ASSIGN_OR_RETURN(const auto file, OpenToRead());
  return ScanSegment(file->descriptor, bytes());
}

void Segment::UseScan(const SegmentScan& scan) {
  absl::MutexLock lock(&mutex_);
  index_ = IndexOf(scan);
  arrivals_ = index_->arrivals;
  damage_ = scan.damage;
}

absl::Status Segment::Recover(uint64_t end_of_frames) {
  ASSIGN_OR_RETURN(std::shared_ptr<const File> file, OpenFile(O_RDWR));
  absl::MutexLock lock(&mutex_);
  writer_ = std::move(file);
  summaries_ = SummarizeBlocks(writer_->descriptor, *index_);
  if (end_of_frames == bytes_ || EndsWithWholeFrame(writer_->descriptor, end_of_frames, bytes_)) {
    stored_ = bytes_;
    return absl::OkStatus();
  }
  LogWarning("the log's segment ", path_, " ends with ", bytes_ - end_of_frames,
             " bytes of a partial frame; they are removed");
  if (ftruncate(writer_->descriptor, static_cast<off_t>(end_of_frames)) != 0) {
    return Errno("cut", path_);
  }
  std::erase_if(damage_, [&](const Damage& damage) { return damage.offset >= end_of_frames; });
  bytes_ = stored_ = end_of_frames;
  return absl::OkStatus();
}

absl::Status Segment::Append(absl::string_view frames, std::vector<Added> blocks) {
  // Only the appending thread changes these, so they stay valid without the lock.
  const auto [writer, begin] = WriterAndBytes();
  uint64_t at = begin;
  if (absl::Status status = WriteAt(writer->descriptor, frames, at); !status.ok()) {
    // The next append overwrites the partial frames, or the next start cuts them off.
    static_cast<void>(ftruncate(writer->descriptor, static_cast<off_t>(at)) == 0);
    return absl::Status(status.code(),
                        absl::StrCat("the log's segment ", path_, ": ", status.message()));
  }
  absl::MutexLock lock(&mutex_);
  for (Added& added : blocks) {
    index_->Add(added.block, at, added.length);
    summaries_.push_back(std::move(added.summary));
    at += added.length;
  }
  arrivals_ = index_->arrivals;
  bytes_ += frames.size();
  stored_ = bytes_;
  return absl::OkStatus();
}

std::pair<std::shared_ptr<const Segment::File>, uint64_t> Segment::WriterAndBytes() const {
  absl::MutexLock lock(&mutex_);
  return {writer_, bytes_};
}

absl::Status Segment::Seal() {
  absl::MutexLock lock(&mutex_);
  const std::shared_ptr<const File> writer = std::move(writer_);
  // A segment with an index is not scanned at start, so an index would hide the damage.
  const bool damaged = std::any_of(damage_.begin(), damage_.end(), [&](const Damage& damage) {
    return !damage.counted || !damage.lost.empty();
  });
  absl::Status status = damaged ? absl::OkStatus() : WriteIndex(writer->descriptor, summaries_);
  summaries_.clear();
  summaries_.shrink_to_fit();
  return status;
}

std::optional<Arrivals> Segment::arrivals() {
  absl::MutexLock lock(&mutex_);
  if (!arrivals_.has_value()) {
    const bool known = index_.has_value();
    const auto file = OpenFile(O_RDONLY);
    const bool readable = file.ok() && EnsureIndex().ok();
    arrivals_ = readable ? ArrivalsOf((*file)->descriptor, *index_) : Arrivals();
    if (!known) index_.reset();
  }
  if (!arrivals_->any()) return std::nullopt;
  return arrivals_;
}

bool Segment::taken_out() {
  absl::MutexLock lock(&mutex_);
  return EnsureIndex().ok() && index_->taken_out;
}

std::vector<Damage> Segment::DamageIn(uint64_t from, uint64_t to) const {
  absl::MutexLock lock(&mutex_);
  std::vector<Damage> found;
  for (const Damage& damage : damage_) {
    if (damage.offset >= from && damage.offset < to) found.push_back(damage);
  }
  return found;
}

absl::Status Segment::WriteIndex(int descriptor, const std::vector<BlockSummary>& summaries) {
  std::string frames;
  SegmentIndex& index = *index_;
  for (size_t kind = 0; kind < kKeyKinds; ++kind) {
    index.summaries[kind] = {};
    if (summaries.size() != index.entries.size()) continue;
    const size_t begin = frames.size();
    AppendSummaries(summaries, static_cast<KeyKind>(kind), frames);
    index.summaries[kind] = {bytes_ + begin, frames.size() - begin};
  }
  const uint64_t index_at = bytes_ + frames.size();
  AppendIndex(index, frames);
  if (absl::Status status = WriteAt(descriptor, frames, bytes_); !status.ok()) {
    static_cast<void>(ftruncate(descriptor, static_cast<off_t>(bytes_)) == 0);
    index.summaries = {};
    return absl::Status(status.code(), absl::StrCat("write the index of the log's segment ", path_,
                                                    ": ", status.message()));
  }
  index_at_ = index_at;
  sealed_ = true;
  Measure(descriptor);
  return absl::OkStatus();
}

absl::StatusOr<HostBytes> Segment::Remove(const HostBytes& excess, uint64_t& records) {
  ASSIGN_OR_RETURN(const auto file, OpenFile(O_RDWR));
  const int descriptor = file->descriptor;
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(EnsureIndex());
  const std::vector<BlockSummary> summaries = Summaries();
  SegmentIndex kept;
  std::vector<BlockSummary> kept_summaries;
  std::vector<SegmentIndex::Frame> holes;
  HostBytes taken;
  uint64_t gone = 0;
  for (size_t i = 0; i < index_->entries.size(); ++i) {
    const SegmentIndex::Entry& entry = index_->entries[i];
    const std::string& host = index_->hosts[entry.host];
    const auto over = excess.find(host);
    if (over == excess.end() || taken[host] >= over->second) {
      kept.Add(entry, host);
      if (!summaries.empty()) kept_summaries.push_back(summaries[i]);
      continue;
    }
    taken[host] += entry.length;
    gone += entry.records;
    AddHole(entry.offset, entry.offset + entry.length, holes);
  }
  if (holes.empty()) return taken;
  for (const SegmentIndex::Frame& frame : index_->summaries) {
    if (frame.length > 0) AddHole(frame.offset, frame.offset + frame.length, holes);
  }
  if (index_at_ != 0) AddHole(index_at_, bytes_, holes);
  kept.arrivals = arrivals_.value_or(index_->arrivals);
  if (!kept.arrivals.any()) kept.arrivals = ArrivalsOf(descriptor, *index_);
  kept.taken_out = true;
  index_ = std::move(kept);
  // The index is written before the holes are made: without it nobody would find the blocks behind
  // a hole.
  RETURN_IF_ERROR(WriteIndex(descriptor, kept_summaries));
  RETURN_IF_ERROR(MakeHoles(descriptor, path_, holes));
  Measure(descriptor);
  records += gone;
  return taken;
}

absl::Status Segment::AddHeld(HostBytes& held) {
  absl::MutexLock lock(&mutex_);
  const bool known = index_.has_value();
  RETURN_IF_ERROR(EnsureIndex());
  for (const SegmentIndex::Entry& entry : index_->entries) {
    held[index_->hosts[entry.host]] += entry.length;
  }
  if (!known) index_.reset();
  return absl::OkStatus();
}

uint64_t Segment::CountRecords() {
  absl::MutexLock lock(&mutex_);
  if (!EnsureIndex().ok()) return 0;
  uint64_t records = 0;
  for (const SegmentIndex::Entry& entry : index_->entries) records += entry.records;
  return records;
}

uint64_t Segment::bytes() const {
  absl::MutexLock lock(&mutex_);
  return bytes_;
}

uint64_t Segment::stored() const {
  absl::MutexLock lock(&mutex_);
  return stored_;
}

}  // namespace firebreak::controller
