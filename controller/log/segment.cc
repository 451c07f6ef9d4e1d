#include "controller/log/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "controller/log/frame_reader.h"
#include "controller/log/load_index.h"
#include "controller/log/numbers.h"

namespace firebreak::controller {
namespace {

absl::Status Errno(const char* operation, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(operation, " ", path));
}

absl::Status SyncDirectoryOf(const std::string& path) {
  const std::string directory = path.substr(0, path.rfind('/') + 1);
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  absl::Status status;
  if (fd < 0 || fsync(fd) != 0) status = Errno("sync", directory);
  if (fd >= 0) close(fd);
  return status;
}

absl::Status WriteAt(int descriptor, absl::string_view bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written =
        pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return absl::ErrnoToStatus(errno, "write");
    bytes.remove_prefix(static_cast<size_t>(written));
    offset += static_cast<uint64_t>(written);
  }
  if (fdatasync(descriptor) != 0) return absl::ErrnoToStatus(errno, "sync");
  return absl::OkStatus();
}

bool MayHold(const SegmentIndex::Entry& entry, const LogQuery& query,
             const std::vector<bool>& wanted) {
  return wanted[entry.host] && (entry.actions & query.actions) != 0 &&
         entry.last_micros >= query.since && entry.first_micros < query.until;
}

// Of neighbours one.
void AddHole(const Segment::Place& hole, std::vector<Segment::Place>& holes) {
  if (!holes.empty() && holes.back().end == hole.offset) {
    holes.back().end = hole.end;
  } else {
    holes.push_back(hole);
  }
}

}  // namespace

absl::StatusOr<std::shared_ptr<Segment>> Segment::Create(const std::string& path, uint64_t number,
                                                         const HostNumbers& numbers) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return Errno("create", path);
  std::shared_ptr<Segment> segment(new Segment(path, number));
  {
    absl::MutexLock lock(&segment->mutex_);
    segment->writer_ = std::make_shared<File>(fd);
    segment->index_.emplace();
  }
  std::string head;
  AppendHead(numbers, head);
  absl::Status status = segment->Append(head, {}, {});
  if (status.ok()) status = SyncDirectoryOf(path);
  if (!status.ok()) {
    unlink(path.c_str());
    return status;
  }
  return segment;
}

absl::StatusOr<std::shared_ptr<Segment>> Segment::Open(const std::string& path, uint64_t number) {
  std::shared_ptr<Segment> segment(new Segment(path, number));
  ASSIGN_OR_RETURN(const auto file, segment->OpenFile(O_RDONLY));
  absl::MutexLock lock(&segment->mutex_);
  segment->Measure(file->descriptor);
  return segment;
}

Segment::File::~File() { close(descriptor); }

absl::StatusOr<std::shared_ptr<const Segment::File>> Segment::OpenFile(int flags) const {
  const int fd = open(path_.c_str(), flags | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return Errno("open", path_);
  return std::make_shared<const File>(fd);
}

void Segment::Measure(int descriptor) {
  constexpr uint64_t kStatBlock = 512;
  struct stat info;
  if (fstat(descriptor, &info) != 0) return;
  bytes_ = static_cast<uint64_t>(info.st_size);
  stored_ = std::min(bytes_, static_cast<uint64_t>(info.st_blocks) * kStatBlock);
}

absl::Status Segment::Recover(HostNumbers& numbers) {
  ASSIGN_OR_RETURN(std::shared_ptr<const File> file, OpenFile(O_RDWR));
  absl::MutexLock lock(&mutex_);
  FrameReader reader(file->descriptor, bytes_);
  index_.emplace();
  uint64_t whole = 0;
  while (const auto payload = reader.NextChecked()) {
    Block block;
    absl::string_view rest = *payload;
    if (whole == 0) {
      if (!ReadHead(*payload, numbers)) break;
    } else if (ReadBlock(rest, block)) {
      index_->Add(block, whole, reader.offset() - whole);
      NoteArrival(block);
      TakeNumbers(block, numbers);
    } else if (!IsIndex(*payload)) {  // of one that was to be followed by another
      break;
    }
    whole = reader.offset();
  }
  if (whole == 0) {
    return absl::DataLossError(absl::StrCat("the log's segment ", path_, " is damaged"));
  }
  writer_ = std::move(file);
  stored_ = whole;
  if (whole == bytes_) return absl::OkStatus();
  LogWarning("the log's segment ", path_, " ends with ", bytes_ - whole,
             " bytes that are not whole; cut off");
  if (ftruncate(writer_->descriptor, static_cast<off_t>(whole)) != 0) return Errno("cut", path_);
  bytes_ = whole;
  return absl::OkStatus();
}

absl::Status Segment::Append(absl::string_view frames, const std::vector<Block>& blocks,
                             const std::vector<uint64_t>& lengths) {
  // Only this thread changes them.
  const auto [writer, begin] = WriterAndBytes();
  uint64_t at = begin;
  if (absl::Status status = WriteAt(writer->descriptor, frames, at); !status.ok()) {
    // What is left of it is overwritten by the next, or cut off at the next start.
    static_cast<void>(ftruncate(writer->descriptor, static_cast<off_t>(at)) == 0);
    return absl::Status(status.code(),
                        absl::StrCat("the log's segment ", path_, ": ", status.message()));
  }
  absl::MutexLock lock(&mutex_);
  for (size_t i = 0; i < blocks.size(); ++i) {
    index_->Add(blocks[i], at, lengths[i]);
    NoteArrival(blocks[i]);
    at += lengths[i];
  }
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
  absl::Status status = WriteIndex(writer->descriptor);
  if (first_arrived_micros_.has_value()) {
    const timespec arrived = absl::ToTimespec(absl::FromUnixMicros(last_arrived_micros_));
    const timespec times[] = {arrived, arrived};
    static_cast<void>(futimens(writer->descriptor, times));
  }
  return status;
}

void Segment::NoteArrival(const Block& block) {
  if (!first_arrived_micros_.has_value()) first_arrived_micros_ = block.arrived_micros;
  last_arrived_micros_ = block.arrived_micros;
}

std::optional<absl::Time> Segment::first_written() const {
  absl::MutexLock lock(&mutex_);
  if (!first_arrived_micros_.has_value()) return std::nullopt;
  return absl::FromUnixMicros(*first_arrived_micros_);
}

absl::Status Segment::WriteIndex(int descriptor) {
  std::string frame;
  AppendIndex(*index_, frame);
  if (absl::Status status = WriteAt(descriptor, frame, bytes_); !status.ok()) {
    static_cast<void>(ftruncate(descriptor, static_cast<off_t>(bytes_)) == 0);
    return absl::Status(status.code(), absl::StrCat("write the index of the log's segment ", path_,
                                                    ": ", status.message()));
  }
  index_at_ = bytes_;
  Measure(descriptor);
  return absl::OkStatus();
}

absl::StatusOr<HostBytes> Segment::TakeOut(const HostBytes& excess) {
  ASSIGN_OR_RETURN(const auto file, OpenFile(O_RDWR));
  const int descriptor = file->descriptor;
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(EnsureIndex());
  SegmentIndex kept;
  std::vector<Place> holes;
  HostBytes taken;
  for (const SegmentIndex::Entry& entry : index_->entries) {
    const std::string& host = index_->hosts[entry.host];
    const auto over = excess.find(host);
    if (over == excess.end() || taken[host] >= over->second) {
      kept.Add(entry, host);
      continue;
    }
    taken[host] += entry.length;
    AddHole({entry.offset, entry.offset + entry.length}, holes);
  }
  if (holes.empty()) return taken;
  if (index_at_ != 0) AddHole({index_at_, bytes_}, holes);
  struct stat before;
  if (fstat(descriptor, &before) != 0) return Errno("examine", path_);
  index_ = std::move(kept);
  // First: without it nobody would find what stands behind a hole.
  RETURN_IF_ERROR(WriteIndex(descriptor));
  for (const Place& hole : holes) {
    if (fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                  static_cast<off_t>(hole.offset),
                  static_cast<off_t>(hole.end - hole.offset)) == 0) {
      continue;
    }
    if (errno == EOPNOTSUPP) return absl::UnimplementedError("the file system has no holes");
    return Errno("make room in", path_);
  }
  // It is as old as what is in it.
  const timespec times[] = {before.st_atim, before.st_mtim};
  static_cast<void>(futimens(descriptor, times));
  Measure(descriptor);
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

uint64_t Segment::bytes() const {
  absl::MutexLock lock(&mutex_);
  return bytes_;
}

uint64_t Segment::stored() const {
  absl::MutexLock lock(&mutex_);
  return stored_;
}

absl::Time Segment::last_written() const {
  struct stat info;
  if (stat(path_.c_str(), &info) != 0) return absl::InfiniteFuture();
  return absl::TimeFromTimespec(info.st_mtim);
}

absl::Status Segment::EnsureIndex() {
  if (index_.has_value()) return absl::OkStatus();
  const auto file = OpenFile(O_RDONLY);
  SegmentIndex index;
  if (file.ok()) {
    index_at_ = LoadIndex((*file)->descriptor, bytes_, index);
  } else if (!absl::IsNotFound(file.status())) {  // else retention has taken it
    return file.status();
  }
  index_ = std::move(index);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Segment::Place>> Segment::Find(const LogQuery& query, uint64_t from,
                                                          size_t max, uint64_t* next) {
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(EnsureIndex());
  std::vector<Place> places;
  *next = bytes_;
  if (index_->last_micros < query.since || index_->first_micros >= query.until) return places;
  const std::vector<bool> wanted = index_->Wanted(query);
  auto entry =
      std::lower_bound(index_->entries.begin(), index_->entries.end(), from,
                       [](const SegmentIndex::Entry& one, uint64_t at) { return one.offset < at; });
  for (; entry != index_->entries.end(); ++entry) {
    if (!MayHold(*entry, query, wanted)) continue;
    if (places.size() == max) {
      *next = entry->offset;
      break;
    }
    places.push_back({entry->offset, entry->offset + entry->length});
  }
  return places;
}

absl::StatusOr<std::vector<Segment::Place>> Segment::FindBefore(const LogQuery& query,
                                                                uint64_t before, size_t max) {
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(EnsureIndex());
  std::vector<Place> places;
  if (index_->last_micros < query.since || index_->first_micros >= query.until) return places;
  const std::vector<bool> wanted = index_->Wanted(query);
  auto entry =
      std::lower_bound(index_->entries.begin(), index_->entries.end(), before,
                       [](const SegmentIndex::Entry& one, uint64_t at) { return one.offset < at; });
  while (entry != index_->entries.begin() && places.size() < max) {
    --entry;
    if (MayHold(*entry, query, wanted)) {
      places.push_back({entry->offset, entry->offset + entry->length});
    }
  }
  return places;
}

absl::Status Segment::Read(const Place& place, std::string& bytes, Block& block,
                           absl::string_view& columns) const {
  std::shared_ptr<const File> file = WriterAndBytes().first;
  if (file == nullptr) {
    ASSIGN_OR_RETURN(auto opened, OpenFile(O_RDONLY));
    file = std::move(opened);
  }
  bytes.resize(place.end - place.offset);
  const ssize_t count =
      pread(file->descriptor, bytes.data(), bytes.size(), static_cast<off_t>(place.offset));
  const auto payload = FrameAt(bytes);
  if (count != static_cast<ssize_t>(bytes.size()) || !payload.has_value()) {
    return absl::DataLossError(
        absl::StrCat("the log's segment ", path_, " is damaged at ", place.offset));
  }
  columns = *payload;
  if (!ReadBlock(columns, block)) {
    return absl::DataLossError(
        absl::StrCat("the log's segment ", path_, " holds no block at ", place.offset));
  }
  return absl::OkStatus();
}

void Segment::ForgetIndex() {
  absl::MutexLock lock(&mutex_);
  index_.reset();
}

size_t Segment::indexed() const {
  absl::MutexLock lock(&mutex_);
  return index_.has_value() ? index_->entries.size() : 0;
}

}  // namespace firebreak::controller
