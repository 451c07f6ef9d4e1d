// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_LINE_DIFF_H_
#define FIREBREAK_POLICY_RESOURCES_LINE_DIFF_H_

#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::policy {

// Returns both texts completely, line by line: "-" in front of lines that only `before` has, "+" in
// front of lines that only `after` has, and " " in front of the others. The result is the shortest
// possible if the texts differ in up to about a thousand lines; beyond that the different part is
// one block, so that the cost stays bounded.
std::string LineDiff(absl::string_view before, absl::string_view after);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_LINE_DIFF_H_
