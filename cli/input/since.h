#ifndef FIREBREAK_CLI_INPUT_SINCE_H_
#define FIREBREAK_CLI_INPUT_SINCE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firebreak::cli {

// "15m" and "2w" are so long before `now`; "2026-11-21", "2026-11-21 13:05", "2026-11-21T13:05",
// "2026-11-21T13:05:30.5" are times in `zone`, or where they end with "Z" or "+01:00", there; as
// "13:05" and "13:05:30" are, the last time that it was so late. InvalidArgument: it is none.
absl::StatusOr<absl::Time> ParseSince(absl::string_view text, absl::Time now,
                                      absl::TimeZone zone = absl::UTCTimeZone());

// "UTC", "local", "+01:00" or a name such as "Europe/Berlin".
absl::StatusOr<absl::TimeZone> ParseZone(const std::string& text);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_INPUT_SINCE_H_
