// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/time_span.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "policy/resources/names.h"

namespace firebreak::policy {
namespace {

constexpr int kNanosPerMilli = 1'000'000;
constexpr int kNanosPerMicro = 1'000;

}  // namespace

absl::StatusOr<google::protobuf::Duration> ParseTimeSpan(absl::string_view text) {
  absl::Duration parsed;
  if (!absl::ParseDuration(text, &parsed) || parsed < absl::ZeroDuration() ||
      parsed > absl::Hours(24 * 366)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a time such as \"60s\", \"250ms\" or \"1h30m\", not ", Quoted(text)));
  }
  google::protobuf::Duration span;
  span.set_seconds(absl::IDivDuration(parsed, absl::Seconds(1), &parsed));
  span.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(parsed)));
  return span;
}

std::string TimeSpanText(const google::protobuf::Duration& span) {
  const int32_t nanos = span.nanos();
  if (nanos == 0) return absl::StrCat(span.seconds(), "s");
  if (nanos % kNanosPerMilli == 0) {
    return absl::StrFormat("%d.%03ds", span.seconds(), nanos / kNanosPerMilli);
  }
  if (nanos % kNanosPerMicro == 0) {
    return absl::StrFormat("%d.%06ds", span.seconds(), nanos / kNanosPerMicro);
  }
  return absl::StrFormat("%d.%09ds", span.seconds(), nanos);
}

absl::Duration ToDuration(const google::protobuf::Duration& span) {
  return absl::Seconds(span.seconds()) + absl::Nanoseconds(span.nanos());
}

}  // namespace firebreak::policy
