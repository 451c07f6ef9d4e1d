#include "controller/log/frame_reader.h"

#include <errno.h>
#include <unistd.h>

#include <algorithm>

#include "controller/log/block.h"

namespace firebreak::controller {
namespace {

constexpr size_t kReadBytes = 128 << 10;
// Where only the beginnings of frames are wanted, little of what lies between is read.
constexpr size_t kSkimBytes = 4 << 10;
// The longest name of a host and all numbers.
constexpr size_t kBeginningBytes = 512;

}  // namespace

absl::string_view FrameReader::Peek(size_t wanted, size_t read) {
  wanted = static_cast<size_t>(std::min<uint64_t>(wanted, bytes_ - std::min(offset_, bytes_)));
  if (offset_ < buffer_at_ || offset_ + wanted > buffer_at_ + buffer_.size()) {
    buffer_.resize(static_cast<size_t>(
        std::min<uint64_t>(std::max(wanted, read), bytes_ - std::min(offset_, bytes_))));
    buffer_at_ = offset_;
    size_t have = 0;
    while (have < buffer_.size()) {
      const ssize_t count = pread(descriptor_, buffer_.data() + have, buffer_.size() - have,
                                  static_cast<off_t>(offset_ + have));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      have += static_cast<size_t>(count);
    }
    buffer_.resize(have);
  }
  return absl::string_view(buffer_).substr(
      std::min<size_t>(static_cast<size_t>(offset_ - buffer_at_), buffer_.size()));
}

std::optional<absl::string_view> FrameReader::NextChecked() {
  const auto length = FrameLengthAt(Peek(kFrameHeader, kReadBytes));
  if (!length.has_value()) return std::nullopt;
  const auto payload = FrameAt(Peek(kFrameHeader + *length, kReadBytes));
  if (payload.has_value()) offset_ += kFrameHeader + *length;
  return payload;
}

std::optional<absl::string_view> FrameReader::NextBeginning() {
  const absl::string_view bytes = Peek(kFrameHeader + kBeginningBytes, kSkimBytes);
  const auto length = FrameLengthAt(bytes);
  if (!length.has_value() || offset_ + kFrameHeader + *length > bytes_) return std::nullopt;
  offset_ += kFrameHeader + *length;
  return bytes.substr(kFrameHeader, *length);
}

}  // namespace firebreak::controller
