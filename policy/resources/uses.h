// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_USES_H_
#define FIREBREAK_POLICY_RESOURCES_USES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// Returns, in order, the keys of the resources that refer to the resource with this key.
std::vector<std::string> UsersOf(const Configuration& configuration, absl::string_view key);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_USES_H_
