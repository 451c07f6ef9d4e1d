// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_NEAREST_H_
#define FIREBREAK_POLICY_RESOURCES_NEAREST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firebreak::policy {

// Returns the candidate that `text` most likely misspells, or an empty text if none is near.
std::string Nearest(absl::string_view text, const std::vector<std::string>& candidates);

// Returns `; did you mean "X"?`, or an empty text if no candidate is near.
std::string DidYouMean(absl::string_view text, const std::vector<std::string>& candidates);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_NEAREST_H_
