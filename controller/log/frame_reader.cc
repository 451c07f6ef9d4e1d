// SPDX-License-Identifier: Apache-2.0
#include "controller/log/frame_reader.h"

#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "controller/log/block.h"

namespace firebreak::controller {
namespace {

constexpr size_t kReadBytes = 128 << 10;
constexpr uint64_t kChecksToAByte = 16;

bool MayBeFrame(absl::string_view bytes) {
  constexpr absl::string_view kKinds = "HBIJF";
  const auto length = FrameLengthAt(bytes);
  return length.value_or(0) > 0 && kKinds.find(bytes[kFrameHeader]) != absl::string_view::npos;
}

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
  if (!length.has_value() || *length == 0) return std::nullopt;
  const auto payload = FrameAt(Peek(kFrameHeader + *length, kReadBytes));
  if (payload.has_value()) offset_ += kFrameHeader + *length;
  return payload;
}

bool FrameReader::IsFrameAt(uint64_t offset) {
  const uint64_t before = std::exchange(offset_, offset);
  const bool is_one = NextChecked().has_value();
  offset_ = before;
  return is_one;
}

uint64_t FrameReader::FindFrame() {
  constexpr size_t kLeastFrame = kFrameHeader + 1;
  // Checking each candidate costs a checksum. The budget bounds the time for a file that is full of
  // bytes that look like frames.
  uint64_t budget = kChecksToAByte * bytes_;
  const uint64_t begin = offset_;
  uint64_t found = bytes_;
  while (found == bytes_ && offset_ + kLeastFrame < bytes_) {
    ++offset_;
    const absl::string_view bytes = Peek(kLeastFrame, kReadBytes);
    if (bytes.size() < kLeastFrame) break;
    size_t at = 0;
    while (at + kLeastFrame <= bytes.size() && !MayBeFrame(bytes.substr(at))) ++at;
    offset_ += at;
    if (at + kLeastFrame > bytes.size()) {
      --offset_;
      continue;
    }
    const uint64_t length = *FrameLengthAt(bytes.substr(at));
    if (offset_ + kFrameHeader + length > bytes_) continue;
    if (length > budget) break;
    budget -= length;
    if (IsFrameAt(offset_)) found = offset_;
  }
  offset_ = begin;
  return found;
}

bool FrameReader::IsZero(uint64_t begin, uint64_t end) {
  const uint64_t before = std::exchange(offset_, begin);
  while (offset_ < end) {
    absl::string_view bytes = Peek(1, kReadBytes);
    bytes = bytes.substr(0, static_cast<size_t>(std::min<uint64_t>(bytes.size(), end - offset_)));
    if (bytes.empty() || bytes.find_first_not_of('\0') != absl::string_view::npos) break;
    offset_ += bytes.size();
  }
  const bool all = offset_ >= end;
  offset_ = before;
  return all;
}

bool FrameReader::PassDamage() {
  const auto length = FrameLengthAt(Peek(kFrameHeader, kReadBytes));
  uint64_t next = offset_ + kFrameHeader + length.value_or(0);
  // If the length of the damaged frame is right, its content is skipped unread: a host may have put
  // bytes there that look like the frame of another host.
  const bool leads_on = length.value_or(0) > 0 && (next == bytes_ || IsFrameAt(next));
  if (!leads_on) next = FindFrame();
  const bool zero = IsZero(offset_, next);
  offset_ = next;
  return zero;
}

}  // namespace firebreak::controller
