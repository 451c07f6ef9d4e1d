// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_CHECK_HIDDEN_H_
#define FIREBREAK_POLICY_RESOURCES_CHECK_HIDDEN_H_

#include <vector>

#include "policy/resources/check_mappings.h"

namespace firebreak::policy {

// Warns of mappings that can never match: each packet that they cover is covered by an earlier one
// of the list, whose order is that of `mappings`. Names the one that hides it.
void WarnOfHidden(const std::vector<PlacedMapping>& mappings, MappingList list,
                  const FieldPath& parent, const Configuration& configuration, Findings& findings);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_CHECK_HIDDEN_H_
