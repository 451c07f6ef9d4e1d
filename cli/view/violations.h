// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_VIOLATIONS_H_
#define FIREBREAK_CLI_VIEW_VIOLATIONS_H_

#include <string>

#include "firebreak/v1/admin.pb.h"
#include "firebreak/v1/plan.pb.h"

namespace firebreak::cli {

using Violations = google::protobuf::RepeatedPtrField<v1::Violation>;

// Whether a change with one of them is refused.
bool AnyRefused(const Violations& violations);

// A line for each, with where the cause stands.
std::string ViolationLines(const Violations& violations, bool colours);

// The same with what was looked at.
std::string ViolationPage(const v1::ListViolationsResponse& response, bool colours);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_VIOLATIONS_H_
