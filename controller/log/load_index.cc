#include "controller/log/load_index.h"

#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>

#include "controller/log/frame_reader.h"

namespace firebreak::controller {
namespace {

// Mostly the whole of it.
constexpr uint64_t kReadAtEnd = 16 << 10;

// Where it begins; none if the file ends otherwise.
std::optional<uint64_t> ReadIndexAtEnd(int descriptor, uint64_t bytes, SegmentIndex& index) {
  std::string end(static_cast<size_t>(std::min<uint64_t>(bytes, kReadAtEnd)), '\0');
  const auto read_end = [&] {
    return pread(descriptor, end.data(), end.size(), static_cast<off_t>(bytes - end.size())) ==
           static_cast<ssize_t>(end.size());
  };
  uint32_t length;
  if (end.size() < kIndexTrailer || !read_end()) return std::nullopt;
  memcpy(&length, end.data() + end.size() - kIndexTrailer, sizeof length);
  if (length > bytes || length > kMaxFrameBytes || length <= kFrameHeader) return std::nullopt;
  if (length > end.size()) {
    end.resize(length);
    if (!read_end()) return std::nullopt;
  }
  const auto payload = FrameAt(absl::string_view(end).substr(end.size() - length));
  if (!payload.has_value() || payload->size() + kFrameHeader != length ||
      !ReadIndex(*payload, bytes - length, index)) {
    return std::nullopt;
  }
  return bytes - length;
}

// Of one that was not sealed.
void Skim(int descriptor, uint64_t bytes, SegmentIndex& index) {
  FrameReader reader(descriptor, bytes);
  for (uint64_t at = 0; const auto payload = reader.NextBeginning(); at = reader.offset()) {
    Block block;
    absl::string_view rest = *payload;
    if (ReadBlock(rest, block)) index.Add(block, at, reader.offset() - at);
  }
}

}  // namespace

uint64_t LoadIndex(int descriptor, uint64_t bytes, SegmentIndex& index) {
  const std::optional<uint64_t> at = ReadIndexAtEnd(descriptor, bytes, index);
  if (at.has_value()) return *at;
  index = SegmentIndex();
  Skim(descriptor, bytes, index);
  return 0;
}

}  // namespace firebreak::controller
