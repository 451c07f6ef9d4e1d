// SPDX-License-Identifier: Apache-2.0
#include "cli/output/moment.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace firebreak::cli {
namespace {

// The range of google.protobuf.Timestamp: the years 1 to 9999.
constexpr int64_t kFirstSecond = -62135596800;
constexpr int64_t kLastSecond = 253402300799;

}  // namespace

std::string Rough(absl::Duration duration) {
  if (duration < absl::Minutes(1)) return absl::StrCat(absl::ToInt64Seconds(duration), " s");
  if (duration < absl::Hours(1)) return absl::StrCat(absl::ToInt64Minutes(duration), " min");
  if (duration < absl::Hours(48)) return absl::StrCat(absl::ToInt64Hours(duration), " h");
  return absl::StrCat(absl::ToInt64Hours(duration) / 24, " days");
}

std::string Moment(const google::protobuf::Timestamp& time, absl::Time now) {
  if (time.seconds() == 0 && time.nanos() == 0) return "never";
  if (time.seconds() < kFirstSecond || time.seconds() > kLastSecond) return "unknown";
  const absl::Time at = absl::FromUnixSeconds(time.seconds());
  const std::string text = absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", at, absl::UTCTimeZone());
  // Clocks differ a little, so a time slightly in the future counts as now.
  const absl::Duration age = now - at;
  if (age < absl::Seconds(-60)) return absl::StrCat(text, " (in ", Rough(-age), ")");
  if (age < absl::Seconds(1)) return absl::StrCat(text, " (now)");
  return absl::StrCat(text, " (", Rough(age), " ago)");
}

std::string Micros(uint64_t micros) {
  if (micros < 1000) return absl::StrCat(micros, " µs");
  const double value = static_cast<double>(micros);
  if (micros < 1'000'000) return absl::StrFormat("%.1f ms", value / 1e3);
  return absl::StrFormat("%.1f s", value / 1e6);
}

}  // namespace firebreak::cli
