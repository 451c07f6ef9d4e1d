// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_CHECK_SPAN_H_
#define FIREBREAK_POLICY_RESOURCES_CHECK_SPAN_H_

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "policy/resources/findings.h"

namespace firebreak::policy {

// Checks that a span of time, if given, lies between `least` and `most`, both included.
void CheckSpan(bool given, const google::protobuf::Duration& span, absl::Duration least,
               absl::Duration most, const FieldPath& path, Findings& findings);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_CHECK_SPAN_H_
