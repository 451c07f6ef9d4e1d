// SPDX-License-Identifier: Apache-2.0
#include "controller/log/segment_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/log/block.h"
#include "proto/log/batch.h"

namespace firebreak::controller {
namespace {

// Enough for the whole index of most segments.
constexpr uint64_t kReadAtEnd = 16 << 10;

bool ReadAt(int descriptor, uint64_t offset, size_t length, std::string& bytes) {
  bytes.resize(length);
  size_t have = 0;
  while (have < length) {
    const ssize_t count =
        pread(descriptor, bytes.data() + have, length - have, static_cast<off_t>(offset + have));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    have += static_cast<size_t>(count);
  }
  return true;
}

std::optional<Block> BlockAt(int descriptor, const SegmentIndex::Entry& entry, std::string& bytes,
                             absl::string_view& columns) {
  Block block;
  const auto payload = ReadFrame(descriptor, {entry.offset, entry.length}, bytes);
  if (!payload.has_value()) return std::nullopt;
  columns = *payload;
  if (!ReadBlock(columns, block)) return std::nullopt;
  return block;
}

}  // namespace

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

absl::Status MarkDeleted(const std::string& path) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, absl::StrCat("open ", path));
  const std::string mark = DeletedMark();
  // A crash between the two steps leaves the mark with other bytes behind it.
  absl::Status status = WriteAt(descriptor, mark, 0);
  if (status.ok() && ftruncate(descriptor, static_cast<off_t>(mark.size())) != 0) {
    status = absl::ErrnoToStatus(errno, "cut");
  }
  close(descriptor);
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      absl::StrCat("mark ", path, " as deleted: ", status.message()));
}

bool IsMarkedDeleted(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return false;
  const std::string mark = DeletedMark();
  std::string bytes;
  const bool marked = ReadAt(descriptor, 0, mark.size(), bytes) && bytes == mark;
  close(descriptor);
  return marked;
}

absl::Status MakeHoles(int descriptor, const std::string& path,
                       const std::vector<SegmentIndex::Frame>& holes) {
  for (const SegmentIndex::Frame& hole : holes) {
    if (fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                  static_cast<off_t>(hole.offset), static_cast<off_t>(hole.length)) == 0) {
      continue;
    }
    if (errno == EOPNOTSUPP) return absl::UnimplementedError("the file system supports no holes");
    return absl::ErrnoToStatus(errno, absl::StrCat("make room in ", path));
  }
  return absl::OkStatus();
}

std::optional<absl::string_view> ReadFrame(int descriptor, const SegmentIndex::Frame& frame,
                                           std::string& bytes) {
  if (!ReadAt(descriptor, frame.offset, static_cast<size_t>(frame.length), bytes)) {
    return std::nullopt;
  }
  const auto payload = FrameAt(bytes);
  if (!payload.has_value() || payload->size() + kFrameHeader != bytes.size()) return std::nullopt;
  return payload;
}

std::optional<uint64_t> ReadIndexAtEnd(int descriptor, uint64_t bytes, SegmentIndex& index) {
  std::string end;
  const auto read_end = [&](uint64_t length) {
    return ReadAt(descriptor, bytes - length, static_cast<size_t>(length), end);
  };
  if (bytes < kIndexTrailer || !read_end(std::min(bytes, kReadAtEnd))) return std::nullopt;
  const uint64_t length = ReadIndexTrailer(end).length;
  if (length > bytes || length > kMaxFrameBytes || length <= kFrameHeader) return std::nullopt;
  if (length > end.size() && !read_end(length)) return std::nullopt;
  const auto payload = FrameAt(absl::string_view(end).substr(end.size() - length));
  if (!payload.has_value() || payload->size() + kFrameHeader != length ||
      !ReadIndex(*payload, bytes - length, index)) {
    return std::nullopt;
  }
  return bytes - length;
}

std::optional<Arrivals> ReadArrivals(int descriptor, uint64_t bytes) {
  std::string end;
  if (bytes < kIndexTrailer || !ReadAt(descriptor, bytes - kIndexTrailer, kIndexTrailer, end)) {
    return std::nullopt;
  }
  return ReadIndexTrailer(end).arrivals;
}

SegmentIndex IndexOf(const SegmentScan& scan) {
  SegmentIndex index;
  for (const SegmentScan::Found& found : scan.blocks) {
    index.Add(found.block, found.offset, found.length);
  }
  return index;
}

Arrivals ArrivalsOf(int descriptor, const SegmentIndex& index) {
  Arrivals arrivals;
  std::string bytes;
  absl::string_view columns;
  // Blocks are in the order of their arrival, so the first and the last readable block tell the
  // span.
  for (const SegmentIndex::Entry& entry : index.entries) {
    const auto block = BlockAt(descriptor, entry, bytes, columns);
    if (!block.has_value()) continue;
    arrivals.Add(block->arrived_micros);
    break;
  }
  for (auto entry = index.entries.rbegin(); entry != index.entries.rend(); ++entry) {
    const auto block = BlockAt(descriptor, *entry, bytes, columns);
    if (!block.has_value()) continue;
    arrivals.Add(block->arrived_micros);
    break;
  }
  return arrivals;
}

std::vector<BlockSummary> SummarizeBlocks(int descriptor, const SegmentIndex& index) {
  std::vector<BlockSummary> summaries;
  BatchDecoder decoder;
  RecordBatch batch;
  std::string bytes;
  absl::string_view columns;
  for (const SegmentIndex::Entry& entry : index.entries) {
    const bool known = BlockAt(descriptor, entry, bytes, columns).has_value() &&
                       decoder.Decode(columns, batch).ok();
    summaries.push_back(known ? Summarize(batch, columns.size()) : BlockSummary());
  }
  return summaries;
}

bool EndsWithWholeFrame(int descriptor, uint64_t begin, uint64_t end) {
  std::string header;
  if (end - begin <= kFrameHeader || !ReadAt(descriptor, begin, kFrameHeader, header)) return false;
  return FrameLengthAt(header) == end - begin - kFrameHeader;
}

}  // namespace firebreak::controller
