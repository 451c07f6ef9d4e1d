// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_MAPPING_LIST_H_
#define FIREBREAK_POLICY_MERGE_MAPPING_LIST_H_

#include <span>
#include <string>
#include <vector>

#include "firebreak/v1/resources.pb.h"

namespace firebreak::policy {

// One inbound mapping of a policy, for a list.
struct ListedMapping {
  std::string policy;
  std::string groups;       // for example "laptops, host:web-1"
  std::string interface;    // the names and types of the section; empty: all
  v1::PortMapping mapping;  // always has a name
};

// An interface for which mappings are listed. If its type is unknown, sections that ask for a type
// are assumed to match.
struct ListedInterface {
  std::string name;  // empty: all mappings are listed
  std::string type;
};

// Lists mappings in the order of the policies and of their text. For one interface, lists what
// holds there by each policy: the mappings of the first matching section that has any, otherwise
// the policy's own.
std::vector<ListedMapping> ListMappings(std::span<const v1::Policy* const> policies,
                                        const ListedInterface& interface);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_MAPPING_LIST_H_
