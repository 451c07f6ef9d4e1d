// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/check_span.h"

#include "absl/strings/str_cat.h"
#include "policy/resources/time_span.h"

namespace firebreak::policy {

void CheckSpan(bool given, const google::protobuf::Duration& span, absl::Duration least,
               absl::Duration most, const FieldPath& path, Findings& findings) {
  const absl::Duration value = ToDuration(span);
  if (!given || (value >= least && value <= most)) return;
  findings.Add(path, absl::StrCat(TimeSpanText(span), " is out of range: it goes from ",
                                  absl::FormatDuration(least), " to ", absl::FormatDuration(most)));
}

}  // namespace firebreak::policy
