// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_CHECK_MAPPINGS_H_
#define FIREBREAK_POLICY_RESOURCES_CHECK_MAPPINGS_H_

#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/resources/check.h"

namespace firebreak::policy {

enum class MappingList { kInbound, kOutbound };

// A mapping with its place in the policy.
struct PlacedMapping {
  const v1::PortMapping* mapping;
  absl::string_view field;  // the list's field, below `parent` of the calls
  int index;
  v1::Traffic::Action action;  // the action; in `outbound` its list determines it
};

// Checks each mapping, and that no two have the same name. Returns the number of pairs of ports and
// prefixes, which is the cost of enforcing them. It stops at kMostPairsOfPolicy, so a larger result
// is not exact.
inline constexpr size_t kMostPairsOfPolicy = 1'000'000;
size_t CheckMappings(const std::vector<PlacedMapping>& mappings, MappingList list,
                     const FieldPath& parent, const References& references, Findings& findings);

// Finds mappings in the two lists of `outbound`, whose relative order the file does not show, that
// say the opposite about exactly the same packets: the same protocol, ports and remote prefix. A
// mapping that covers only a part of another's packets is no contradiction, because `block` exists
// for that.
void CheckContradictions(const std::vector<PlacedMapping>& mappings, const FieldPath& parent,
                         const Configuration& configuration, Findings& findings);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_CHECK_MAPPINGS_H_
