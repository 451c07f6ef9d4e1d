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

constexpr size_t kFrameHeader = 8;
// One batch, and the accounts of more drop reasons than exist.
constexpr size_t kMaxFrameBytes = kMaxBatchBytes + (64 << 10);
// No host reaches this number. Numbers from a damaged file are rejected above it, so that counting
// on cannot overflow to 0.
constexpr uint64_t kMaxSequence = uint64_t{1} << 62;
// When all batches are acknowledged, the last file is replaced only if it is larger than this.
constexpr uint64_t kWorthDeleting = 64 << 10;
constexpr char kHead = 'H';
constexpr char kOldBatch = 'B';
constexpr char kBatch = 'C';

absl::Status Errno(const char* operation, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(operation, " ", path));
}

void AppendRaw(uint64_t value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

bool TakeRaw(absl::string_view& bytes, uint64_t& value) {
  if (bytes.size() < sizeof value) return false;
  memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return true;
}

void AppendAccounts(const Accounts& accounts, std::string& out) {
  AppendVarint(accounts.size(), out);
  for (const auto& [name, value] : accounts) {
    AppendVarint(name.size(), out);
    out.append(name);
    AppendVarint(value, out);
  }
}

bool TakeAccounts(absl::string_view& bytes, Accounts& accounts) {
  uint64_t count;
  if (!ParseVarint(bytes, count)) return false;
  for (; count > 0; --count) {
    uint64_t length;
    uint64_t value;
    if (!ParseVarint(bytes, length) || bytes.size() < length) return false;
    const std::string name(bytes.substr(0, length));
    bytes.remove_prefix(length);
    if (!ParseVarint(bytes, value)) return false;
    accounts[name] = value;
  }
  return true;
}

struct FrameHeader {
  uint32_t length;
  uint32_t crc;
};

// Returns the payload of the frame at the beginning of `bytes`, or nullopt if no whole frame is
// there.
std::optional<absl::string_view> FrameAt(absl::string_view bytes) {
  FrameHeader header;
  if (bytes.size() < kFrameHeader) return std::nullopt;
  memcpy(&header, bytes.data(), kFrameHeader);
  if (header.length > kMaxFrameBytes || bytes.size() - kFrameHeader < header.length) {
    return std::nullopt;
  }
  const absl::string_view payload = bytes.substr(kFrameHeader, header.length);
  if (Crc32c(payload) != header.crc) return std::nullopt;
  return payload;
}

// Returns the length of a frame according to its header, without checking its content; nullopt if
// `bytes` is shorter than that.
std::optional<size_t> LengthAt(absl::string_view bytes) {
  FrameHeader header;
  if (bytes.size() < kFrameHeader) return std::nullopt;
  memcpy(&header, bytes.data(), kFrameHeader);
  if (header.length == 0 || header.length > kMaxFrameBytes ||
      bytes.size() - kFrameHeader < header.length) {
    return std::nullopt;
  }
  return kFrameHeader + header.length;
}

bool IsFrameAt(absl::string_view bytes) {
  constexpr absl::string_view kKinds = "HBC";
  return LengthAt(bytes).has_value() &&
         kKinds.find(bytes[kFrameHeader]) != absl::string_view::npos && FrameAt(bytes).has_value();
}

// Returns where the first whole frame behind `at` begins, or the end of `bytes`.
size_t FindFrame(absl::string_view bytes, size_t at) {
  for (++at; at < bytes.size() && !IsFrameAt(bytes.substr(at));) ++at;
  return std::min(at, bytes.size());
}

std::string PrintHeader(uint64_t epoch, uint64_t first, uint64_t records, const Accounts& changed) {
  std::string header;
  AppendRaw(epoch, header);
  AppendVarint(first, header);
  AppendVarint(records, header);
  AppendAccounts(changed, header);
  std::string payload(1, kBatch);
  AppendVarint(header.size(), payload);
  const uint32_t crc = Crc32c(header);
  absl::StrAppend(&payload, header,
                  absl::string_view(reinterpret_cast<const char*>(&crc), sizeof crc));
  return payload;
}

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return Errno("open", path);
  struct stat info;
  std::string bytes;
  if (fstat(fd, &info) == 0 && info.st_size > 0) {
    bytes.resize(std::min<size_t>(static_cast<size_t>(info.st_size),
                                  Spool::kSegmentBytes + 2 * kMaxFrameBytes));
  }
  const ssize_t count = pread(fd, bytes.data(), bytes.size(), 0);
  close(fd);
  if (count < 0) return Errno("read", path);
  bytes.resize(static_cast<size_t>(count));
  return bytes;
}

}  // namespace

absl::StatusOr<Spool> Spool::Open(std::string directory, uint64_t max_bytes, uint64_t boot) {
  Spool spool(std::move(directory), max_bytes, boot);
  RETURN_IF_ERROR(spool.Load());
  return spool;
}

Spool::Spool(Spool&& other) noexcept
    : directory_(other.directory_),
      max_bytes_(other.max_bytes_),
      boot_(other.boot_),
      segments_(std::move(other.segments_)),
      bytes_(other.bytes_),
      accounts_(std::move(other.accounts_)),
      continues_(other.continues_),
      cut_off_(other.cut_off_),
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
  Rewind();
  return absl::OkStatus();
}

absl::Status Spool::LoadSegment(uint64_t number) {
  const std::string path = PathOf(number);
  const absl::StatusOr<std::string> read = ReadWhole(path);
  if (!read.ok()) return read.status();
  const absl::string_view bytes = *read;
  Segment segment;
  segment.number = number;
  segment.bytes = bytes.size();
  // The head is damaged, so its values are taken from the segment before.
  segment.epoch = segments_.empty() ? 0 : segments_.back().epoch;
  uint64_t boot = boot_ + 1;
  cut_off_ = false;
  for (size_t at = 0; at < bytes.size();) {
    const auto payload = FrameAt(bytes.substr(at));
    absl::string_view rest = payload.value_or(absl::string_view());
    BatchHeader header;
    const bool taken =
        !rest.empty() && (at == 0 && ParseHead(rest, segment, boot)
                              ? true
                              : ReadHeader(rest, header) && TakeBatch(header, segment));
    cut_off_ = cut_off_ && !taken;
    at = taken ? at + kFrameHeader + payload->size() : PassDamage(bytes, at, segment);
  }
  if (segment.damage.count(0) > 0 && !segment.has_batches) {
    LogWarning("spool file ", path, " is damaged; deleted");
    unlink(path.c_str());
    continues_ = false;
    cut_off_ = true;
    return absl::OkStatus();
  }
  if (!segment.damage.empty()) {
    LogWarning("spool file ", path, " is damaged from ", segment.damage.begin()->first,
               " on; what can be read of it is sent");
  }
  continues_ = boot == boot_ && !cut_off_;
  bytes_ += segment.bytes;
  segments_.push_back(std::move(segment));
  return absl::OkStatus();
}

bool Spool::ParseHead(absl::string_view payload, Segment& segment, uint64_t& boot) {
  Accounts accounts;
  if (payload.front() != kHead) return false;
  payload.remove_prefix(1);
  uint64_t of_boot;
  uint64_t epoch;
  uint64_t first;
  if (!TakeRaw(payload, of_boot) || !TakeRaw(payload, epoch) || !ParseVarint(payload, first) ||
      first > kMaxSequence || !TakeAccounts(payload, accounts) || !payload.empty()) {
    return false;
  }
  boot = of_boot;
  segment.epoch = epoch;
  segment.first = segment.end = first;
  accounts_ = std::move(accounts);
  return true;
}

// Reads the header; the columns are left in `payload`.
bool Spool::ReadHeader(absl::string_view& payload, BatchHeader& header) {
  if (payload.empty()) return false;
  const char kind = payload.front();
  payload.remove_prefix(1);
  if (kind == kOldBatch) {
    return ParseVarint(payload, header.first) && ParseVarint(payload, header.records) &&
           TakeAccounts(payload, header.changed);
  }
  uint64_t length;
  uint32_t crc;
  if (kind != kBatch || !ParseVarint(payload, length) || length > payload.size() ||
      payload.size() - length < sizeof crc) {
    return false;
  }
  absl::string_view bytes = payload.substr(0, length);
  memcpy(&crc, payload.data() + length, sizeof crc);
  if (crc != Crc32c(bytes)) return false;
  payload.remove_prefix(length + sizeof crc);
  uint64_t epoch;
  if (!TakeRaw(bytes, epoch)) return false;
  header.epoch = epoch;
  return ParseVarint(bytes, header.first) && ParseVarint(bytes, header.records) &&
         TakeAccounts(bytes, header.changed) && bytes.empty();
}

bool Spool::TakeBatch(const BatchHeader& header, Segment& segment) {
  const bool knows_epoch = header.epoch.has_value() || segment.damage.count(0) == 0;
  if (!knows_epoch || header.first > kMaxSequence || header.first == 0 ||
      header.records > kMaxBatchRecords) {
    return false;
  }
  if (segment.damage.count(0) > 0 && !segment.has_batches) {
    segment.epoch = *header.epoch;
    segment.first = segment.end = header.first;
  }
  // Numbers may be missing only where something is damaged.
  if (header.epoch.value_or(segment.epoch) != segment.epoch || header.first < segment.end ||
      (header.first > segment.end && segment.damage.empty())) {
    return false;
  }
  segment.end = header.first + header.records;
  segment.has_batches = true;
  if (!accounts_.has_value()) accounts_.emplace();
  for (const auto& [name, value] : header.changed) (*accounts_)[name] = value;
  return true;
}

size_t Spool::PassDamage(absl::string_view bytes, size_t at, Segment& segment) {
  const auto length = LengthAt(bytes.substr(at));
  const size_t next = at + length.value_or(0);
  const bool leads_on =
      length.has_value() && (next == bytes.size() || IsFrameAt(bytes.substr(next)));
  const size_t end = leads_on ? next : FindFrame(bytes, at);
  segment.damage[at] = end;
  // If only the columns of a batch are damaged, its header still tells the number of records.
  absl::string_view payload = bytes.substr(std::min(at + kFrameHeader, end), end - at);
  payload = payload.substr(0, end - std::min(at + kFrameHeader, end));
  BatchHeader header;
  const bool known = at > 0 && leads_on && !payload.empty() && payload.front() == kBatch &&
                     ReadHeader(payload, header) && TakeBatch(header, segment);
  cut_off_ = !known;
  return end;
}

absl::Status Spool::BeginSegment() {
  CloseWriter();
  if (mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST) {
    return Errno("create the spool", directory_);
  }
  Segment next;
  next.epoch = RandomEpoch();
  if (!segments_.empty()) next.number = segments_.back().number + 1;
  if (!segments_.empty() && continues_) {
    next.epoch = segments_.back().epoch;
    next.first = next.end = segments_.back().end;
  } else if (cut_off_) {
    // The missing first number tells the controller that something was lost.
    next.first = next.end = 2;
  }
  const std::string path = PathOf(next.number);
  writer_ = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (writer_ < 0) return Errno("create", path);
  std::string head(1, kHead);
  AppendRaw(boot_, head);
  AppendRaw(next.epoch, head);
  AppendVarint(next.first, head);
  AppendAccounts(accounts_.value_or(Accounts()), head);
  segments_.push_back(next);
  if (absl::Status status = WriteFrame(head); !status.ok()) {
    CloseWriter();
    segments_.pop_back();
    unlink(path.c_str());
    return status;
  }
  continues_ = true;
  cut_off_ = false;
  return absl::OkStatus();
}

absl::Status Spool::WriteFrame(absl::string_view payload) {
  Segment& segment = segments_.back();
  const FrameHeader header = {static_cast<uint32_t>(payload.size()), Crc32c(payload)};
  std::string frame(reinterpret_cast<const char*>(&header), sizeof header);
  absl::StrAppend(&frame, payload);
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
  if (segments_.empty() || !continues_ || segments_.back().bytes >= kSegmentBytes ||
      !segments_.back().damage.empty()) {
    RETURN_IF_ERROR(BeginSegment());
  } else if (writer_ < 0) {
    const std::string path = PathOf(segments_.back().number);
    writer_ = open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (writer_ < 0) return Errno("open", path);
  }
  // The first frame of a file carries all accounts, so that the file can be understood without its
  // head.
  Accounts changed;
  if (!segments_.back().has_batches) changed = accounts;
  for (const auto& [name, value] : accounts) {
    const bool same =
        accounts_.has_value() && accounts_->count(name) > 0 && accounts_->at(name) == value;
    if (!same) changed[name] = value;
  }
  Segment& segment = segments_.back();
  std::string payload = PrintHeader(segment.epoch, segment.end, records, changed);
  absl::StrAppend(&payload, columns);
  RETURN_IF_ERROR(WriteFrame(payload));
  segment.end += records;
  segment.has_batches = true;
  accounts_ = accounts;
  while (bytes_ > max_bytes_ && segments_.size() > 1) {
    const Segment& first = segments_.front();
    if (!IsAcknowledged(first)) {
      const uint64_t begin =
          first.epoch == acknowledged_epoch_ ? std::max(first.first, acknowledged_) : first.first;
      dropped_ += first.end - begin;
    }
    DeleteFirst();
  }
  return absl::OkStatus();
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
  FrameHeader header;
  std::string bytes(kFrameHeader, '\0');
  if (pread(reader_, bytes.data(), kFrameHeader, static_cast<off_t>(offset_)) != kFrameHeader) {
    return absl::DataLossError(absl::StrCat(path, " is cut short"));
  }
  memcpy(&header, bytes.data(), kFrameHeader);
  if (header.length > kMaxFrameBytes) {
    return absl::DataLossError(absl::StrCat(path, " is damaged"));
  }
  bytes.resize(kFrameHeader + header.length);
  const ssize_t count = pread(reader_, bytes.data() + kFrameHeader, header.length,
                              static_cast<off_t>(offset_ + kFrameHeader));
  const auto payload = FrameAt(bytes);
  if (count != static_cast<ssize_t>(header.length) || !payload.has_value()) {
    return absl::DataLossError(absl::StrCat(path, " is damaged"));
  }
  offset_ += bytes.size();
  return std::string(*payload);
}

absl::StatusOr<std::optional<SpooledBatch>> Spool::Next() {
  for (;;) {
    const auto segment =
        std::find_if(segments_.begin(), segments_.end(),
                     [&](const Segment& candidate) { return candidate.number >= reading_; });
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
      offset_ = segment->bytes;  // the controller detects the loss by the missing numbers
      return frame.status();
    }
    absl::string_view payload = *frame;
    BatchHeader header;
    if (payload.empty() || payload.front() == kHead || !ReadHeader(payload, header) ||
        header.records == 0) {
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

bool Spool::IsAcknowledged(const Segment& segment) const {
  return segment.epoch == acknowledged_epoch_ && segment.end <= acknowledged_;
}

uint64_t Spool::waiting() const {
  uint64_t waiting = 0;
  for (const Segment& segment : segments_) {
    const bool known = segment.epoch == acknowledged_epoch_;
    waiting += segment.end - std::clamp(known ? acknowledged_ : 0, segment.first, segment.end);
  }
  return waiting;
}

void Spool::DeleteFirst() {
  const Segment& first = segments_.front();
  if (reading_ == first.number) CloseReader();
  unlink(PathOf(first.number).c_str());
  bytes_ -= first.bytes;
  segments_.pop_front();
}

void Spool::Acknowledge(uint64_t epoch, uint64_t next_sequence) {
  const auto known = std::find_if(segments_.begin(), segments_.end(),
                                  [&](const Segment& segment) { return segment.epoch == epoch; });
  if (known == segments_.end()) return;
  // The controller has numbers that this spool has not given: the directory, or the whole machine,
  // is an older copy of itself. Under new numbers nothing is taken for known.
  if (segments_.back().epoch == epoch && next_sequence > segments_.back().end) {
    CloseWriter();
    continues_ = false;
    cut_off_ = true;
  }
  acknowledged_epoch_ = epoch;
  acknowledged_ = next_sequence;
  // Batches are sent in order, so all segments of an older epoch are acknowledged.
  while (segments_.size() > 1 &&
         (segments_.front().epoch != epoch || IsAcknowledged(segments_.front()))) {
    DeleteFirst();
  }
  if (segments_.size() == 1 && IsAcknowledged(segments_.front()) &&
      segments_.front().bytes > kWorthDeleting && continues_) {
    // If no new segment can be made, the old file just stays.
    if (BeginSegment().ok()) DeleteFirst();
  }
}

}  // namespace firebreak::agent
