// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_TIME_SPAN_H_
#define FIREBREAK_POLICY_RESOURCES_TIME_SPAN_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"

namespace firebreak::policy {

// Parses "60s", "1.5s", "250ms", "5m" or "1h30m". InvalidArgument gives the reason. Never negative.
absl::StatusOr<google::protobuf::Duration> ParseTimeSpan(absl::string_view text);

// Returns the span in the form of protobuf's JSON mapping: "60s", "0.250s".
std::string TimeSpanText(const google::protobuf::Duration& span);

absl::Duration ToDuration(const google::protobuf::Duration& span);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_TIME_SPAN_H_
