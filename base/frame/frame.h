#ifndef FIREBREAK_BASE_FRAME_FRAME_H_
#define FIREBREAK_BASE_FRAME_FRAME_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak {

// How messages travel on an agent's local socket: each behind its length, four bytes, the highest
// first. The CLI sends Questions, the agent Answers.

inline constexpr char kAgentSocketPath[] = "/run/firebreak/agent.sock";

// The largest question. An answer's part is a little more than kAnswerPartBytes, but rules and
// traces may be larger: what the CLI takes is kMaxMessageBytes, as from a controller.
inline constexpr size_t kMaxQuestionBytes = 64 << 10;

inline constexpr size_t kFrameHeaderBytes = 4;

// `message` must be shorter than 4 GiB.
std::string Frame(absl::string_view message);

// The first message in `bytes`; none: it is not all there yet. InvalidArgument: it is, or would be,
// longer than `limit`. The message stands kFrameHeaderBytes behind the beginning.
absl::StatusOr<std::optional<absl::string_view>> FirstInFrame(absl::string_view bytes,
                                                              size_t limit);

}  // namespace firebreak

#endif  // FIREBREAK_BASE_FRAME_FRAME_H_
