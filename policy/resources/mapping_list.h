#ifndef FIREBREAK_POLICY_RESOURCES_MAPPING_LIST_H_
#define FIREBREAK_POLICY_RESOURCES_MAPPING_LIST_H_

#include <span>
#include <string>
#include <vector>

#include "firebreak/v1/resources.pb.h"

namespace firebreak::policy {

// One inbound mapping of a policy, to be listed.
struct ListedMapping {
  std::string policy;
  std::string groups;       // "laptops, host:web-1"
  std::string interface;    // names and types of the section; empty: all
  v1::PortMapping mapping;  // always with its name
};

// In the order of the policies and of their text.
std::vector<ListedMapping> ListMappings(std::span<const v1::Policy* const> policies);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_MAPPING_LIST_H_
