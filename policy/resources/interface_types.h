// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_INTERFACE_TYPES_H_
#define FIREBREAK_POLICY_RESOURCES_INTERFACE_TYPES_H_

#include <span>

#include "absl/strings/string_view.h"

namespace firebreak::policy {

// Returns the types of interfaces that policies and facts know; see InterfaceMatch.types.
std::span<const absl::string_view> InterfaceTypes();

bool IsInterfaceType(absl::string_view type);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_INTERFACE_TYPES_H_
