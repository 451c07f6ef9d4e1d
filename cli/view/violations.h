// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_VIOLATIONS_H_
#define FIREBREAK_CLI_VIEW_VIOLATIONS_H_

#include <string>

#include "firebreak/v1/admin.pb.h"
#include "firebreak/v1/plan.pb.h"

namespace firebreak::cli {

using Violations = google::protobuf::RepeatedPtrField<v1::Violation>;

// Whether one of the violations means that the change is refused.
bool AnyRefused(const Violations& violations);

// Returns a line for each violation, with the file and line of its cause.
std::string ViolationLines(const Violations& violations, bool colours);

// Returns the same with a summary of what was checked.
std::string ViolationPage(const v1::ListViolationsResponse& response, bool colours);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_VIOLATIONS_H_
