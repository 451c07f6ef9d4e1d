#ifndef FIREBREAK_BASE_FRAME_FRAME_H_
#define FIREBREAK_BASE_FRAME_FRAME_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak {

// Messages on a stream of bytes: each behind its length, four bytes, the highest first.

inline constexpr size_t kFrameHeaderBytes = 4;

// `message` must be shorter than 4 GiB.
std::string Frame(absl::string_view message);

// The first message in `bytes`; none: it is not all there yet. InvalidArgument: it is, or would be,
// longer than `limit`. The message stands kFrameHeaderBytes behind the beginning.
absl::StatusOr<std::optional<absl::string_view>> FirstInFrame(absl::string_view bytes,
                                                              size_t limit);

}  // namespace firebreak

#endif  // FIREBREAK_BASE_FRAME_FRAME_H_
