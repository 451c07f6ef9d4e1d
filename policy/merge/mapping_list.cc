// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/mapping_list.h"

#include "absl/strings/str_join.h"
#include "policy/merge/profile.h"
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

bool IsFor(const v1::InterfaceMatch& match, const ListedInterface& interface) {
  v1::InterfaceMatch known = match;
  if (interface.type.empty()) known.clear_types();
  return Matches(known, interface.name, interface.type);
}

void AppendOnly(const v1::Policy& policy, const ListedInterface& interface,
                std::vector<ListedMapping>& list) {
  for (const v1::InterfaceSettings& section : policy.interfaces()) {
    if (!IsFor(section.match(), interface)) continue;
    if (!section.has_port_mappings()) break;
    return Append(policy, Describe(section.match()), section.port_mappings(), list);
  }
  Append(policy, "", policy.port_mappings(), list);
}

}  // namespace

std::vector<ListedMapping> ListMappings(std::span<const v1::Policy* const> policies,
                                        const ListedInterface& interface) {
  std::vector<ListedMapping> list;
  for (const v1::Policy* policy : policies) {
    if (!interface.name.empty()) {
      AppendOnly(*policy, interface, list);
      continue;
    }
    Append(*policy, "", policy->port_mappings(), list);
    for (const v1::InterfaceSettings& section : policy->interfaces()) {
      Append(*policy, Describe(section.match()), section.port_mappings(), list);
    }
  }
  return list;
}

}  // namespace firebreak::policy
