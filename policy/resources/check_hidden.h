// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_CHECK_HIDDEN_H_
#define FIREBREAK_POLICY_RESOURCES_CHECK_HIDDEN_H_

#include <vector>

#include "policy/resources/check_mappings.h"

namespace firebreak::policy {

// Warns of mappings that can never match because an earlier mapping of the list covers all of their
// packets, and names that mapping. `mappings` must be in the list's order.
void WarnOfHidden(const std::vector<PlacedMapping>& mappings, MappingList list,
                  const FieldPath& parent, const Configuration& configuration, Findings& findings);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_CHECK_HIDDEN_H_
