// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_FRAME_FRAME_H_
#define FIREBREAK_BASE_FRAME_FRAME_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak {

// Framing of messages on a byte stream: each message follows its length, four bytes in network
// order.

inline constexpr size_t kFrameHeaderBytes = 4;

// `message` must be shorter than 4 GiB.
std::string Frame(absl::string_view message);

// Finds the first message in `bytes`; it starts kFrameHeaderBytes behind the start of `bytes`.
// Returns nullopt if the message is not yet complete, InvalidArgument if it is longer than `limit`.
absl::StatusOr<std::optional<absl::string_view>> FirstInFrame(absl::string_view bytes,
                                                              size_t limit);

}  // namespace firebreak

#endif  // FIREBREAK_BASE_FRAME_FRAME_H_
