#ifndef FIREBREAK_POLICY_MERGE_MAPPING_LIST_H_
#define FIREBREAK_POLICY_MERGE_MAPPING_LIST_H_

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

// An interface of which to tell. Without a type, sections that ask for one are taken to be for it.
struct ListedInterface {
  std::string name;  // empty: all mappings are listed
  std::string type;
};

// In the order of the policies and of their text. Of one interface, of each policy what holds
// there: the mappings of the first section that is for it and has some, else those of the policy
// itself.
std::vector<ListedMapping> ListMappings(std::span<const v1::Policy* const> policies,
                                        const ListedInterface& interface);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_MAPPING_LIST_H_
