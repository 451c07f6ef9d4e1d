#include "cli/input/since.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/text/escape.h"
#include "cli/input/duration.h"

namespace firebreak::cli {

absl::StatusOr<absl::Time> ParseSince(absl::string_view text, absl::Time now) {
  if (const auto ago = ParseDuration(text); ago.ok()) return now - *ago;
  absl::Time time;
  std::string error;
  for (const char* format : {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%E*S",
                             "%Y-%m-%dT%H:%M:%E*S", "%Y-%m-%dT%H:%M:%E*S%Ez"}) {
    if (absl::ParseTime(format, text, absl::UTCTimeZone(), &time, &error) &&
        time != absl::InfinitePast() && time != absl::InfiniteFuture()) {
      return time;
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", Escape(text),
                   "' is no time; write for example 15m, 2026-11-21, \"2026-11-21 13:05\" or "
                   "2026-11-21T13:05:00Z"));
}

}  // namespace firebreak::cli
