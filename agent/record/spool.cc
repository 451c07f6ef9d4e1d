// SPDX-License-Identifier: Apache-2.0
#include "agent/record/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "agent/state/epoch.h"
#include "base/checksum/crc32c.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "proto/log/batch.h"
#include "proto/log/columns.h"

namespace firebreak::agent {
namespace {

// When all batches are acknowledged, the last file is replaced only if it is larger than this.
constexpr uint64_t kWorthDeleting = 64 << 10;
// A file is read up to this size; no Spool makes a larger one.
constexpr uint64_t kMaxFileBytes = 2 * Spool::kSegmentBytes;
// What a batch takes besides its columns, and the head of a new file.
constexpr uint64_t kMostHeaderBytes = 4096;
// An agent that is started again and again leaves as many small files.
constexpr size_t kMaxFiles = 1000;

absl::Status Errno(const char* operation, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(operation, " ", path));
}

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return Errno("open", path);
  struct stat info;
  std::string bytes;
  if (fstat(fd, &info) == 0 && info.st_size > 0) {
    bytes.resize(std::min<size_t>(static_cast<size_t>(info.st_size), kMaxFileBytes));
  }
  const ssize_t count = pread(fd, bytes.data(), bytes.size(), 0);
  close(fd);
  if (count < 0) return Errno("read", path);
  bytes.resize(static_cast<size_t>(count));
  return bytes;
}

}  // namespace

absl::StatusOr<Spool> Spool::Open(std::string directory, uint64_t max_bytes) {
  Spool spool(std::move(directory), max_bytes);
  RETURN_IF_ERROR(spool.Load());
  return spool;
}

Spool::Spool(Spool&& other) noexcept
    : directory_(other.directory_),
      max_bytes_(other.max_bytes_),
      segments_(std::move(other.segments_)),
      bytes_(other.bytes_),
      accounts_(std::move(other.accounts_)),
      continues_(other.continues_),
      left_out_(other.left_out_),
      writer_(std::exchange(other.writer_, -1)),
      reader_(std::exchange(other.reader_, -1)) {
  Rewind();
}

Spool::~Spool() {
  CloseWriter();
  CloseReader();
}

void Spool::CloseWriter() {
  if (writer_ >= 0) close(std::exchange(writer_, -1));
}

void Spool::CloseReader() {
  if (reader_ >= 0) close(std::exchange(reader_, -1));
}

std::string Spool::PathOf(uint64_t number) const {
  return absl::StrCat(directory_, "/", absl::StrFormat("%016x", number), ".spool");
}

absl::Status Spool::Load() {
  DIR* const entries = opendir(directory_.c_str());
  if (entries == nullptr) {
    return errno == ENOENT ? absl::OkStatus() : Errno("open the spool", directory_);
  }
  std::vector<uint64_t> numbers;
  while (const dirent* entry = readdir(entries)) {
    uint64_t number;
    int end = 0;
    if (sscanf(entry->d_name, "%16" SCNx64 ".spool%n", &number, &end) == 1 && end == 22 &&
        entry->d_name[end] == '\0') {
      numbers.push_back(number);
    }
  }
  closedir(entries);
  std::sort(numbers.begin(), numbers.end());
  for (const uint64_t number : numbers) {
    RETURN_IF_ERROR(LoadSegment(number));
  }
  for (size_t i = 0; i < segments_.size(); ++i) {
    const bool ends_epoch =
        i + 1 == segments_.size() || segments_[i].epoch != segments_[i + 1].epoch;
    if (ends_epoch) left_out_ += segments_[i].lost_at_end + (segments_[i].cut_off ? 1 : 0);
  }
  Rewind();
  return absl::OkStatus();
}

absl::Status Spool::LoadSegment(uint64_t number) {
  const std::string path = PathOf(number);
  ASSIGN_OR_RETURN(const std::string bytes, ReadWhole(path));
  SpoolSegment segment =
      ScanSpoolSegment(bytes, segments_.empty() ? 0 : segments_.back().epoch, accounts_);
  segment.number = number;
  if (segment.is_lost()) {
    LogWarning("spool file ", path, " is damaged; deleted");
    unlink(path.c_str());
    ++left_out_;
    return absl::OkStatus();
  }
  if (!segment.damage.empty()) {
    LogWarning("spool file ", path, " is damaged from ", segment.damage.begin()->first,
               " on; what can be read of it is sent");
  }
  bytes_ += segment.bytes;
  segments_.push_back(std::move(segment));
  return absl::OkStatus();
}

absl::Status Spool::BeginSegment() {
  CloseWriter();
  if (mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST) {
    return Errno("create the spool", directory_);
  }
  SpoolSegment next;
  next.epoch = continues_ ? segments_.back().epoch : RandomEpoch();
  next.first = next.end = (continues_ ? segments_.back().end : 1) + left_out_;
  if (!segments_.empty()) next.number = segments_.back().number + 1;
  const std::string path = PathOf(next.number);
  writer_ = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (writer_ < 0) return Errno("create", path);
  segments_.push_back(next);
  const std::string head = PrintSpoolHead(
      {.epoch = next.epoch, .first = next.first, .accounts = accounts_.value_or(Accounts())});
  if (absl::Status status = WriteFrame(head); !status.ok()) {
    CloseWriter();
    segments_.pop_back();
    unlink(path.c_str());
    return status;
  }
  continues_ = true;
  left_out_ = 0;
  return absl::OkStatus();
}

absl::Status Spool::OpenWriter() {
  if (segments_.empty() || !continues_ || left_out_ > 0 ||
      segments_.back().bytes >= kSegmentBytes) {
    return BeginSegment();
  }
  if (writer_ >= 0) return absl::OkStatus();
  const std::string path = PathOf(segments_.back().number);
  writer_ = open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  return writer_ < 0 ? Errno("open", path) : absl::OkStatus();
}

absl::Status Spool::WriteFrame(absl::string_view payload) {
  SpoolSegment& segment = segments_.back();
  const std::string frame = SpoolFrame(payload);
  size_t done = 0;
  while (done < frame.size()) {
    const ssize_t written = pwrite(writer_, frame.data() + done, frame.size() - done,
                                   static_cast<off_t>(segment.bytes + done));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const absl::Status status = Errno("write to", PathOf(segment.number));
      // If the file cannot be truncated, the next load recognizes the partial frame by its
      // checksum.
      if (ftruncate(writer_, static_cast<off_t>(segment.bytes)) != 0) CloseWriter();
      return status;
    }
    done += static_cast<size_t>(written);
  }
  segment.bytes += frame.size();
  bytes_ += frame.size();
  return absl::OkStatus();
}

absl::Status Spool::Append(uint32_t records, absl::string_view columns, const Accounts& accounts) {
  MakeRoom(columns.size() + kMostHeaderBytes);
  RETURN_IF_ERROR(OpenWriter());
  SpoolSegment& segment = segments_.back();
  // The first batch of a file has all accounts, so that the file can be understood without its
  // head.
  Accounts changed;
  if (!segment.has_batches) changed = accounts;
  for (const auto& [name, value] : accounts) {
    const bool same =
        accounts_.has_value() && accounts_->count(name) > 0 && accounts_->at(name) == value;
    if (!same) changed[name] = value;
  }
  std::string payload = PrintSpoolBatchHeader(segment.epoch, segment.end, records, changed);
  absl::StrAppend(&payload, columns);
  RETURN_IF_ERROR(WriteFrame(payload));
  segment.end += records;
  segment.has_batches = true;
  accounts_ = accounts;
  return absl::OkStatus();
}

void Spool::MakeRoom(uint64_t bytes) {
  while (segments_.size() > 1 && (bytes_ + bytes > max_bytes_ || segments_.size() > kMaxFiles)) {
    const SpoolSegment& first = segments_.front();
    if (!IsAcknowledged(first)) {
      const uint64_t begin =
          first.epoch == acknowledged_epoch_ ? std::max(first.first, acknowledged_) : first.first;
      dropped_ += first.end - begin;
      dropped_of_oldest_epoch_ += first.end - begin;
    }
    if (segments_[1].epoch != first.epoch) {
      left_out_ += std::exchange(dropped_of_oldest_epoch_, 0);
    }
    DeleteFirst();
  }
}

absl::Status Spool::ForgetAccounts() {
  if (!accounts_.has_value() || accounts_->empty()) return absl::OkStatus();
  accounts_->clear();
  return BeginSegment();
}

absl::StatusOr<std::string> Spool::ReadFrame() {
  const std::string path = PathOf(reading_);
  if (reader_ < 0) {
    reader_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (reader_ < 0) return Errno("open", path);
  }
  std::string bytes;
  const auto read_to = [&](size_t size) {
    const size_t have = bytes.size();
    bytes.resize(size);
    const ssize_t count =
        pread(reader_, bytes.data() + have, size - have, static_cast<off_t>(offset_ + have));
    return count == static_cast<ssize_t>(size - have);
  };
  const auto length = read_to(kSpoolFrameHeader) ? AnnouncedSpoolFrameLength(bytes) : std::nullopt;
  const auto payload = length.has_value() && read_to(*length) ? SpoolFrameAt(bytes) : std::nullopt;
  if (!payload.has_value()) {
    return absl::DataLossError(absl::StrCat(path, " is damaged at ", offset_));
  }
  offset_ += bytes.size();
  return std::string(*payload);
}

absl::StatusOr<std::optional<SpooledBatch>> Spool::Next() {
  for (;;) {
    const auto segment =
        std::find_if(segments_.begin(), segments_.end(),
                     [&](const SpoolSegment& candidate) { return candidate.number >= reading_; });
    if (segment == segments_.end()) return std::nullopt;
    if (segment->number != reading_ || offset_ >= segment->bytes) {
      if (segment->number == reading_ && std::next(segment) == segments_.end()) {
        return std::nullopt;
      }
      reading_ = segment->number == reading_ ? std::next(segment)->number : segment->number;
      offset_ = 0;
      CloseReader();
      continue;
    }
    if (const auto damage = segment->damage.find(offset_); damage != segment->damage.end()) {
      offset_ = damage->second;
      continue;
    }
    const absl::StatusOr<std::string> frame = ReadFrame();
    if (!frame.ok()) {
      // The controller detects the loss by the missing numbers.
      offset_ = segment->bytes;
      const auto after = std::next(segment);
      const bool ends_epoch =
          after == segments_.end() ? !continues_ : after->epoch != segment->epoch;
      if (ends_epoch) ++left_out_;
      return frame.status();
    }
    absl::string_view payload = *frame;
    SpoolBatchHeader header;
    if (IsSpoolHead(payload) || !ReadSpoolBatchHeader(payload, header) || header.records == 0) {
      continue;
    }
    SpooledBatch batch = {.epoch = segment->epoch, .first_sequence = header.first};
    batch.records = static_cast<uint32_t>(header.records);
    if (batch.epoch == acknowledged_epoch_ && batch.end() <= acknowledged_) continue;
    batch.columns = std::string(payload);
    return batch;
  }
}

void Spool::Rewind() {
  CloseReader();
  reading_ = segments_.empty() ? 0 : segments_.front().number;
  offset_ = 0;
}

bool Spool::IsAcknowledged(const SpoolSegment& segment) const {
  return segment.epoch == acknowledged_epoch_ && segment.end <= acknowledged_;
}

uint64_t Spool::waiting() const {
  uint64_t waiting = 0;
  for (const SpoolSegment& segment : segments_) {
    const bool known = segment.epoch == acknowledged_epoch_;
    waiting += segment.end - std::clamp(known ? acknowledged_ : 0, segment.first, segment.end);
  }
  return waiting;
}

void Spool::DeleteFirst() {
  const SpoolSegment& first = segments_.front();
  if (reading_ == first.number) CloseReader();
  unlink(PathOf(first.number).c_str());
  bytes_ -= first.bytes;
  segments_.pop_front();
}

void Spool::Acknowledge(uint64_t epoch, uint64_t next_sequence) {
  const auto known =
      std::find_if(segments_.begin(), segments_.end(),
                   [&](const SpoolSegment& segment) { return segment.epoch == epoch; });
  if (known == segments_.end()) return;
  const auto last =
      std::find_if(segments_.rbegin(), segments_.rend(),
                   [&](const SpoolSegment& segment) { return segment.epoch == epoch; });
  const bool news = epoch != acknowledged_epoch_ || next_sequence != acknowledged_;
  if (news && next_sequence > last->end) {
    LogWarning("the log's spool ", directory_, " is an older copy of itself: the controller has ",
               next_sequence - last->end, " records that it does not");
    ++left_out_;
    // If the whole machine went back, the controller knows the next numbers of this epoch too.
    if (epoch == segments_.back().epoch) continues_ = false;
  }
  if (epoch == segments_.front().epoch) dropped_of_oldest_epoch_ = 0;
  acknowledged_epoch_ = epoch;
  acknowledged_ = next_sequence;
  // Batches are sent in order, so all segments of an older epoch are acknowledged; those behind the
  // epoch's last segment are of newer epochs.
  while (segments_.front().epoch != epoch) DeleteFirst();
  while (segments_.size() > 1 && IsAcknowledged(segments_.front())) DeleteFirst();
  if (segments_.size() == 1 && IsAcknowledged(segments_.front()) &&
      segments_.front().bytes > kWorthDeleting && continues_) {
    // If no new segment can be made, the old file just stays.
    if (BeginSegment().ok()) DeleteFirst();
  }
}

}  // namespace firebreak::agent
