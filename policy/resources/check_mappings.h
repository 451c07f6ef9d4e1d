// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_CHECK_MAPPINGS_H_
#define FIREBREAK_POLICY_RESOURCES_CHECK_MAPPINGS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/resources/check.h"

namespace firebreak::policy {

enum class MappingList { kInbound, kOutbound };

// A mapping where it stands.
struct PlacedMapping {
  const v1::PortMapping* mapping;
  absl::string_view field;  // of the list, in `parent` of the calls below
  int index;
  v1::Traffic::Action action;  // what it does: in `outbound` its list says so
};

// Whether each of them means something, and no two have the same name. Returns how many pairs of
// ports and prefixes they come to, which is what enforcing them costs.
size_t CheckMappings(const std::vector<PlacedMapping>& mappings, MappingList list,
                     const FieldPath& parent, const References& references, Findings& findings);

// Finds mappings in the two lists of `outbound`, whose order nobody reads from the file, that say
// the opposite about the very same packets: the same protocol, ports and remote prefix. A mapping
// that covers a part of what another covers is no contradiction: that is what `block` is for.
void CheckContradictions(const std::vector<PlacedMapping>& mappings, const FieldPath& parent,
                         const Configuration& configuration, Findings& findings);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_CHECK_MAPPINGS_H_
