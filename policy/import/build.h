// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_BUILD_H_
#define FIREBREAK_POLICY_IMPORT_BUILD_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/import/chains.h"
#include "policy/import/report.h"

namespace firebreak::importer {

// The names and the group that the imported policies get.
struct Naming {
  std::string name = "imported";
  std::string group = "all";
  std::string description;
};

// Returns policies that do what the ruleset does: one, or several of falling priority if the order
// of the rules needs them. What Firebreak does anyway (established flows, loopback, packets that
// belong to no flow) is not repeated.
//
// Returns InvalidArgument if the ruleset cannot be followed. Rules that a policy cannot express go
// into the report.
absl::StatusOr<std::vector<v1::Resource>> BuildPolicies(const Ruleset& ruleset,
                                                        const Naming& naming, Report& report);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_BUILD_H_
