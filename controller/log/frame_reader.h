// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_LOG_FRAME_READER_H_
#define FIREBREAK_CONTROLLER_LOG_FRAME_READER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::controller {

// Reads a segment frame by frame (block.h). `descriptor` must stay open. Not thread-safe.
class FrameReader {
 public:
  // `bytes` is the length of the file.
  FrameReader(int descriptor, uint64_t bytes) : descriptor_(descriptor), bytes_(bytes) {}

  // Returns the payload of the next frame, which is whole, checked and not empty; nullopt at the
  // end of the file or if the frame is damaged. The payload is valid until the next call.
  std::optional<absl::string_view> NextChecked();

  // Call this where NextChecked found damage: skips to the next whole frame, or to the end of the
  // file. Returns whether all skipped bytes were zero, as in a hole.
  bool PassDamage();

  // The offset behind the last frame that was returned, or behind the damage that was skipped.
  uint64_t offset() const { return offset_; }

 private:
  // Returns at least the first `wanted` bytes at the offset, or all bytes that are left; reads at
  // least `read` bytes at once.
  absl::string_view Peek(size_t wanted, size_t read);
  bool IsFrameAt(uint64_t offset);
  // Returns the offset of the first whole frame behind the current offset, or the end of the file.
  // Examines every byte.
  uint64_t FindFrame();
  bool IsZero(uint64_t begin, uint64_t end);

  const int descriptor_;
  const uint64_t bytes_;
  uint64_t offset_ = 0;
  std::string buffer_;
  uint64_t buffer_at_ = 0;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_FRAME_READER_H_
