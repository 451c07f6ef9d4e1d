#ifndef FIREBREAK_POLICY_RESOURCES_USES_H_
#define FIREBREAK_POLICY_RESOURCES_USES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// Keys of the resources that refer to the one with this key, in order.
std::vector<std::string> UsersOf(const Configuration& configuration, absl::string_view key);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_USES_H_
