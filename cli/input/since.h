// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_INPUT_SINCE_H_
#define FIREBREAK_CLI_INPUT_SINCE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firebreak::cli {

// Parses a time. "15m" and "2w" mean that long before `now`. "2026-11-21", "2026-11-21 13:05",
// "2026-11-21T13:05" and "2026-11-21T13:05:30.5" are times in `zone`, or with the offset "Z" or
// "+01:00" at their end. "13:05" and "13:05:30" mean the last time that the clock showed that.
// InvalidArgument for other texts.
absl::StatusOr<absl::Time> ParseSince(absl::string_view text, absl::Time now,
                                      absl::TimeZone zone = absl::UTCTimeZone());

// Parses "UTC", "local", "+01:00" or a name such as "Europe/Berlin".
absl::StatusOr<absl::TimeZone> ParseZone(const std::string& text);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_INPUT_SINCE_H_
