// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_INPUT_RESOURCE_NAME_H_
#define FIREBREAK_CLI_INPUT_RESOURCE_NAME_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak::cli {

// Names the resources that a user means.
struct ResourceName {
  std::string kind;  // one of ResourceKinds(); empty: all
  std::string name;  // empty: all of the kind

  friend bool operator==(const ResourceName&, const ResourceName&) = default;
};

// Returns the kinds of resources in small letters, sorted: "edit", "group", …. The proto defines
// them.
std::vector<std::string> ResourceKinds();

// Parses a kind and a name. `kind` may be singular or plural, in any case, or "all";
// "Policy/laptops", the form in which changes are printed, gives both at once. InvalidArgument for
// anything else.
absl::StatusOr<ResourceName> ParseResourceName(absl::string_view kind, absl::string_view name);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_INPUT_RESOURCE_NAME_H_
