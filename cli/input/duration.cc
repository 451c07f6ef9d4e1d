// SPDX-License-Identifier: Apache-2.0
#include "cli/input/duration.h"

#include <cstdint>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/text/escape.h"

namespace firebreak::cli {

absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text) {
  const absl::Status invalid = absl::InvalidArgumentError(absl::StrCat(
      "'", Escape(text), "' is not a length of time; write for example 30s, 5m, 1h30m or 7d"));
  // Abseil does not know days.
  absl::Duration days;
  absl::string_view rest = text;
  const size_t unit = text.find('d');
  if (unit != absl::string_view::npos) {
    uint32_t count = 0;
    if (!absl::SimpleAtoi(text.substr(0, unit), &count)) return invalid;
    days = absl::Hours(24) * count;
    rest = text.substr(unit + 1);
  }
  absl::Duration duration;
  if ((!rest.empty() || unit == absl::string_view::npos) && !absl::ParseDuration(rest, &duration)) {
    return invalid;
  }
  if (duration < absl::ZeroDuration()) return invalid;
  duration += days;
  if (duration <= absl::ZeroDuration() || duration == absl::InfiniteDuration()) return invalid;
  return duration;
}

}  // namespace firebreak::cli
