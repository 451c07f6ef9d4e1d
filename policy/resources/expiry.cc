// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/expiry.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "policy/resources/names.h"

namespace firebreak::policy {
namespace {

// A later end is refused: such a mapping need not expire at all.
constexpr int kLastYear = 9999;

}  // namespace

absl::StatusOr<int64_t> ParseExpiry(absl::string_view text) {
  absl::Time time;
  const bool parsed = absl::ParseTime("%Y-%m-%dT%H:%M%Ez", text, &time, nullptr) ||
                      absl::ParseTime("%Y-%m-%dT%H:%M:%S%Ez", text, &time, nullptr);
  if (!parsed) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(text),
                     " is not a time: write the day, the hour and the zone, as in "
                     "\"2027-01-31T18:00Z\" (UTC) or \"2027-01-31T18:00+01:00\""));
  }
  const int64_t seconds = absl::ToUnixSeconds(time);
  const absl::CivilYear year(absl::ToCivilYear(time, absl::UTCTimeZone()));
  if (seconds <= 0 || year.year() > kLastYear) {
    return absl::InvalidArgumentError(absl::StrCat("the time ", Quoted(text),
                                                   " is out of range: it is after 1970 and before ",
                                                   kLastYear + 1));
  }
  return seconds;
}

std::string ExpiryText(int64_t seconds) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(seconds),
                          absl::UTCTimeZone());
}

}  // namespace firebreak::policy
