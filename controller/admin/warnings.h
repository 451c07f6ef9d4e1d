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

// What the plan warns of, and the interfaces named by its new or changed policies that none of the
// hosts concerned has, as far as these have told of their interfaces.
google::protobuf::RepeatedPtrField<v1::Problem> WarningsOf(const policy::Plan& plan,
                                                           const Registry& registry);

// What a change of all that hosts are sent means for those that forward now, and where it makes two
// policies of a host contradict each other.
std::vector<std::string> FleetWarnings(const policy::Selector& before,
                                       const policy::Selector& after, const Registry& registry);
void AddFleetWarnings(const policy::Selector& before, const policy::Selector& after,
                      const Registry& registry,
                      google::protobuf::RepeatedPtrField<v1::Problem>& warnings);

// Adds them, as far as so many are told.
void AddWarnings(const std::vector<policy::Problem>& added,
                 google::protobuf::RepeatedPtrField<v1::Problem>& warnings);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_WARNINGS_H_
