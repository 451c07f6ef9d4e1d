// SPDX-License-Identifier: Apache-2.0
#include "base/frame/frame.h"

#include <cstdint>

#include "absl/strings/str_cat.h"

namespace firebreak {

std::string Frame(absl::string_view message) {
  const auto length = static_cast<uint32_t>(message.size());
  std::string frame;
  frame.reserve(kFrameHeaderBytes + message.size());
  for (int shift = 24; shift >= 0; shift -= 8) frame.push_back(static_cast<char>(length >> shift));
  frame.append(message.data(), message.size());
  return frame;
}

absl::StatusOr<std::optional<absl::string_view>> FirstInFrame(absl::string_view bytes,
                                                              size_t limit) {
  if (bytes.size() < kFrameHeaderBytes) return std::nullopt;
  size_t length = 0;
  for (size_t i = 0; i < kFrameHeaderBytes; ++i) {
    length = length << 8 | static_cast<unsigned char>(bytes[i]);
  }
  if (length > limit) {
    return absl::InvalidArgumentError(
        absl::StrCat("a message of ", length, " bytes; the limit is ", limit));
  }
  if (bytes.size() - kFrameHeaderBytes < length) return std::nullopt;
  return bytes.substr(kFrameHeaderBytes, length);
}

}  // namespace firebreak
