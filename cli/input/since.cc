// SPDX-License-Identifier: Apache-2.0
#include "cli/input/since.h"

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/text/escape.h"
#include "cli/input/duration.h"

namespace firebreak::cli {
namespace {

// Parses `text` by the first format that fits, with or without an offset from UTC.
template <size_t size>
bool ParseAny(const char* const (&formats)[size], absl::string_view text, absl::TimeZone zone,
              absl::Time& time) {
  std::string error;
  for (const std::string format : formats) {
    for (const char* offset : {"", "%Ez"}) {
      if (absl::ParseTime(format + offset, text, zone, &time, &error) &&
          time != absl::InfinitePast() && time != absl::InfiniteFuture()) {
        return true;
      }
    }
  }
  return false;
}

bool ParseWeeks(absl::string_view text, absl::Duration& ago) {
  uint32_t weeks;
  if (!absl::ConsumeSuffix(&text, "w") || !absl::SimpleAtoi(text, &weeks) || weeks == 0) {
    return false;
  }
  ago = absl::Hours(7 * 24) * weeks;
  return true;
}

}  // namespace

absl::StatusOr<absl::Time> ParseSince(absl::string_view text, absl::Time now, absl::TimeZone zone) {
  absl::Duration weeks;
  if (ParseWeeks(text, weeks)) return now - weeks;
  if (const auto ago = ParseDuration(text); ago.ok()) return now - *ago;
  static constexpr const char* kDays[] = {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M",
                                          "%Y-%m-%d %H:%M:%E*S", "%Y-%m-%dT%H:%M:%E*S"};
  static constexpr const char* kTimes[] = {"%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%E*S"};
  absl::Time time;
  if (ParseAny(kDays, text, zone, time)) return time;
  // A time without a date is the last one before now. That may be today's or yesterday's; with an
  // offset it may even carry tomorrow's date.
  for (const absl::Duration day : {absl::Hours(24), absl::ZeroDuration(), -absl::Hours(24)}) {
    const std::string date = absl::FormatTime("%Y-%m-%d ", now + day, zone);
    if (ParseAny(kTimes, absl::StrCat(date, text), zone, time) && time <= now) return time;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", Escape(text),
                   "' is not a time; write for example 15m, 2w, 13:05, 2026-11-21, "
                   "2026-11-21T13:05 or 2026-11-21T13:05:00+01:00"));
}

absl::StatusOr<absl::TimeZone> ParseZone(const std::string& text) {
  absl::TimeZone zone;
  absl::Time time;
  std::string error;
  if (text == "local") return absl::LocalTimeZone();
  if (absl::LoadTimeZone(text, &zone)) return zone;
  if (absl::ParseTime("%Y-%m-%d%Ez", absl::StrCat("1970-01-01", text), &time, &error)) {
    return absl::FixedTimeZone(static_cast<int>(absl::ToInt64Seconds(absl::UnixEpoch() - time)));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", Escape(text),
                   "' is not a time zone; write for example local, UTC, +01:00 or Europe/Berlin"));
}

}  // namespace firebreak::cli
