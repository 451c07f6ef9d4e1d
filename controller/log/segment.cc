#include "controller/log/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/event_log.h"
#include "controller/log/frame_reader.h"
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

}  // namespace

absl::StatusOr<std::shared_ptr<Segment>> Segment::Create(const std::string& path, uint64_t number,
                                                         const HostNumbers& numbers) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return Errno("create", path);
  std::shared_ptr<Segment> segment(new Segment(path, number, fd));
  std::string head;
  AppendHead(numbers, head);
  absl::Status status = segment->Append(head, {}, {});
  if (status.ok()) status = SyncDirectoryOf(path);
  if (!status.ok()) {
    unlink(path.c_str());
    return status;
  }
  absl::MutexLock lock(&segment->mutex_);
  segment->index_.emplace();
  return segment;
}

absl::StatusOr<std::shared_ptr<Segment>> Segment::Open(const std::string& path, uint64_t number) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return Errno("open", path);
  std::shared_ptr<Segment> segment(new Segment(path, number, fd));
  struct stat info;
  if (fstat(fd, &info) != 0) return Errno("examine", path);
  absl::MutexLock lock(&segment->mutex_);
  segment->bytes_ = static_cast<uint64_t>(info.st_size);
  return segment;
}

Segment::~Segment() { close(descriptor_); }

void Segment::Index::Add(const Block& block, uint64_t offset, uint64_t length) {
  const auto [found, is_new] =
      host_numbers.try_emplace(block.host, static_cast<uint32_t>(hosts.size()));
  if (is_new) hosts.push_back(block.host);
  entries.push_back({.offset = offset,
                     .first_micros = block.first_micros,
                     .last_micros = block.last_micros,
                     .length = static_cast<uint32_t>(length),
                     .host = found->second,
                     .actions = block.actions});
  first_micros = std::min(first_micros, block.first_micros);
  last_micros = std::max(last_micros, block.last_micros);
}

std::vector<bool> Segment::Index::Wanted(const LogQuery& query) const {
  std::vector<bool> wanted(hosts.size());
  for (size_t i = 0; i < hosts.size(); ++i) wanted[i] = query.WantsHost(hosts[i]);
  return wanted;
}

absl::Status Segment::Recover(HostNumbers& numbers) {
  absl::MutexLock lock(&mutex_);
  FrameReader reader(descriptor_, bytes_);
  index_.emplace();
  uint64_t whole = 0;
  while (const auto payload = reader.NextChecked()) {
    Block block;
    absl::string_view rest = *payload;
    if (whole == 0) {
      if (!ReadHead(*payload, numbers)) break;
    } else if (ReadBlock(rest, block)) {
      index_->Add(block, whole, reader.offset() - whole);
      TakeNumbers(block, numbers);
    } else {
      break;
    }
    whole = reader.offset();
  }
  if (whole == 0) {
    return absl::DataLossError(absl::StrCat("the log's segment ", path_, " is damaged"));
  }
  if (whole == bytes_) return absl::OkStatus();
  LogWarning("the log's segment ", path_, " ends with ", bytes_ - whole,
             " bytes that are not whole; cut off");
  if (ftruncate(descriptor_, static_cast<off_t>(whole)) != 0) return Errno("cut", path_);
  bytes_ = whole;
  return absl::OkStatus();
}

absl::Status Segment::Append(absl::string_view frames, const std::vector<Block>& blocks,
                             const std::vector<uint64_t>& lengths) {
  // Only this thread changes it.
  uint64_t at = bytes();
  if (absl::Status status = WriteAt(descriptor_, frames, at); !status.ok()) {
    // What is left of it is overwritten by the next, or cut off at the next start.
    static_cast<void>(ftruncate(descriptor_, static_cast<off_t>(at)) == 0);
    return absl::Status(status.code(),
                        absl::StrCat("the log's segment ", path_, ": ", status.message()));
  }
  absl::MutexLock lock(&mutex_);
  for (size_t i = 0; i < blocks.size(); ++i) {
    index_->Add(blocks[i], at, lengths[i]);
    at += lengths[i];
  }
  bytes_ += frames.size();
  return absl::OkStatus();
}

uint64_t Segment::bytes() const {
  absl::MutexLock lock(&mutex_);
  return bytes_;
}

absl::Time Segment::last_written() const {
  struct stat info;
  if (fstat(descriptor_, &info) != 0) return absl::InfiniteFuture();
  return absl::TimeFromTimespec(info.st_mtim);
}

absl::Status Segment::EnsureIndex() {
  if (index_.has_value()) return absl::OkStatus();
  FrameReader reader(descriptor_, bytes_);
  Index index;
  for (uint64_t at = 0; const auto payload = reader.NextBeginning(); at = reader.offset()) {
    Block block;
    absl::string_view rest = *payload;
    if (ReadBlock(rest, block)) index.Add(block, at, reader.offset() - at);
  }
  index_ = std::move(index);
  return absl::OkStatus();
}

bool Segment::MayHold(const Entry& entry, const LogQuery& query, const std::vector<bool>& wanted) {
  return wanted[entry.host] && (entry.actions & query.actions) != 0 &&
         entry.last_micros >= query.since && entry.first_micros < query.until;
}

absl::StatusOr<std::vector<Segment::Place>> Segment::Find(const LogQuery& query, uint64_t from,
                                                          size_t max, uint64_t* next) {
  absl::MutexLock lock(&mutex_);
  if (absl::Status status = EnsureIndex(); !status.ok()) return status;
  std::vector<Place> places;
  *next = bytes_;
  if (index_->last_micros < query.since || index_->first_micros >= query.until) return places;
  const std::vector<bool> wanted = index_->Wanted(query);
  auto entry = std::lower_bound(index_->entries.begin(), index_->entries.end(), from,
                                [](const Entry& one, uint64_t at) { return one.offset < at; });
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
  if (absl::Status status = EnsureIndex(); !status.ok()) return status;
  std::vector<Place> places;
  if (index_->last_micros < query.since || index_->first_micros >= query.until) return places;
  const std::vector<bool> wanted = index_->Wanted(query);
  auto entry = std::lower_bound(index_->entries.begin(), index_->entries.end(), before,
                                [](const Entry& one, uint64_t at) { return one.offset < at; });
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
  bytes.resize(place.end - place.offset);
  const ssize_t count =
      pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(place.offset));
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
