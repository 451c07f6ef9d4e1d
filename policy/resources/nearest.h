#ifndef FIREBREAK_POLICY_RESOURCES_NEAREST_H_
#define FIREBREAK_POLICY_RESOURCES_NEAREST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firebreak::policy {

// The candidate that `text` is most likely a misspelling of; empty if none is near.
std::string Nearest(absl::string_view text, const std::vector<std::string>& candidates);

// `; did you mean "X"?`, or nothing if none is near.
std::string DidYouMean(absl::string_view text, const std::vector<std::string>& candidates);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_NEAREST_H_
