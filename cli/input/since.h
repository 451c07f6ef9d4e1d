#ifndef FIREBREAK_CLI_INPUT_SINCE_H_
#define FIREBREAK_CLI_INPUT_SINCE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firebreak::cli {

// "15m" is so long before `now`; "2026-11-21", "2026-11-21 13:05", "2026-11-21T13:05:30Z" are
// times, in UTC unless they say otherwise. InvalidArgument: it is neither.
absl::StatusOr<absl::Time> ParseSince(absl::string_view text, absl::Time now);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_INPUT_SINCE_H_
