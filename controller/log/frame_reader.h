#ifndef FIREBREAK_CONTROLLER_LOG_FRAME_READER_H_
#define FIREBREAK_CONTROLLER_LOG_FRAME_READER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::controller {

// Goes from frame to frame of a segment (block.h). `descriptor` must stay open. For one thread.
class FrameReader {
 public:
  // The file has `bytes` bytes.
  FrameReader(int descriptor, uint64_t bytes) : descriptor_(descriptor), bytes_(bytes) {}

  // The payload of the next frame, whole, checked and not empty; none at the end or where it is
  // damaged. Lives until the next call.
  std::optional<absl::string_view> NextChecked();

  // Where NextChecked found damage: goes on to the next whole frame, or to the end of the file.
  // Returns whether all that it passed over was zeros, as where a hole was made.
  bool PassDamage();

  // Behind the last frame that was returned, or the damage that was passed over.
  uint64_t offset() const { return offset_; }

 private:
  // At least the first `wanted` bytes at the offset, or all that there are; reads at least `read`
  // at once.
  absl::string_view Peek(size_t wanted, size_t read);
  bool IsFrameAt(uint64_t offset);
  // The first whole frame behind the offset, or the end. Looks at every byte.
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
