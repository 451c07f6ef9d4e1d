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

// What the policies are called, and whose they are.
struct Naming {
  std::string name = "imported";
  std::string group = "all";
  std::string description;
};

// The policies that do what the ruleset does: one, or several of falling priority if its order
// needs it. Firebreak's own rules (established flows, loopback, what belongs to no flow) are not
// repeated.
//
// InvalidArgument: the ruleset cannot be followed. What cannot be said goes into the report.
absl::StatusOr<std::vector<v1::Resource>> BuildPolicies(const Ruleset& ruleset,
                                                        const Naming& naming, Report& report);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_BUILD_H_
