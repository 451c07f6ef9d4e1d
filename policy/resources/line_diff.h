#ifndef FIREBREAK_POLICY_RESOURCES_LINE_DIFF_H_
#define FIREBREAK_POLICY_RESOURCES_LINE_DIFF_H_

#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::policy {

// Both texts whole, line by line, with "-" in front of what only `before` has, "+" of what only
// `after` has, " " of the rest. Shortest where the texts differ in up to a thousand lines or so;
// beyond that what differs stands as one block, so that the cost stays bounded.
std::string LineDiff(absl::string_view before, absl::string_view after);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_LINE_DIFF_H_
