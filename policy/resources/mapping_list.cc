#include "policy/resources/mapping_list.h"

#include "absl/strings/str_join.h"
#include "policy/resources/resolve.h"

namespace firebreak::policy {
namespace {

void Append(const v1::Policy& policy, const std::string& interface,
            const v1::PortMappings& mappings, std::vector<ListedMapping>& list) {
  std::vector<const v1::PortMapping*> pointers;
  for (const v1::PortMapping& mapping : mappings.items()) pointers.push_back(&mapping);
  const std::vector<std::string> names = MappingNames(pointers);
  for (size_t i = 0; i < pointers.size(); ++i) {
    ListedMapping& listed = list.emplace_back();
    listed.policy = policy.name();
    listed.groups = absl::StrJoin(policy.groups(), ", ");
    listed.interface = interface;
    listed.mapping = *pointers[i];
    listed.mapping.set_name(names[i]);
  }
}

std::string Describe(const v1::InterfaceMatch& match) {
  std::vector<std::string> parts(match.names().begin(), match.names().end());
  parts.insert(parts.end(), match.types().begin(), match.types().end());
  return absl::StrJoin(parts, ", ");
}

}  // namespace

std::vector<ListedMapping> ListMappings(std::span<const v1::Policy* const> policies) {
  std::vector<ListedMapping> list;
  for (const v1::Policy* policy : policies) {
    Append(*policy, "", policy->port_mappings(), list);
    for (const v1::InterfaceSettings& section : policy->interfaces()) {
      Append(*policy, Describe(section.match()), section.port_mappings(), list);
    }
  }
  return list;
}

}  // namespace firebreak::policy
