// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_WARNINGS_H_
#define FIREBREAK_CONTROLLER_ADMIN_WARNINGS_H_

#include <string>
#include <vector>

#include "controller/hosts/registry.h"
#include "firebreak/v1/admin.pb.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "policy/merge/select.h"
#include "policy/resources/plan.h"

namespace firebreak::controller {

// Returns the plan's own warnings, and warnings about interfaces that the new or changed policies
// name and that none of the hosts concerned has reported.
google::protobuf::RepeatedPtrField<v1::Problem> WarningsOf(const policy::Plan& plan,
                                                           const Registry& registry);

// Returns warnings about hosts that forward packets now, and about policies that a change makes
// contradict each other on a host.
std::vector<std::string> FleetWarnings(const policy::Selector& before,
                                       const policy::Selector& after, const Registry& registry);
void AddFleetWarnings(const policy::Selector& before, const policy::Selector& after,
                      const Registry& registry,
                      google::protobuf::RepeatedPtrField<v1::Problem>& warnings);

// Adds the warnings, up to the number that are shown.
void AddWarnings(const std::vector<policy::Problem>& added,
                 google::protobuf::RepeatedPtrField<v1::Problem>& warnings);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_WARNINGS_H_
