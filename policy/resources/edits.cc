#include "policy/resources/edits.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "policy/resources/check.h"
#include "policy/resources/edit_policy.h"
#include "policy/resources/names.h"
#include "policy/resources/nearest.h"
#include "policy/resources/resolve.h"

namespace firebreak::policy {
namespace {

Plan Refuse(const Configuration& current, std::string reason) {
  return {.next = current, .changes = {}, .problems = {{"", 0, std::move(reason)}}};
}

// Puts the policy into the configuration, or takes it out if it is absent.
Plan Finish(const Configuration& current, const std::string& name, std::optional<v1::Policy> policy,
            const std::set<std::string>& hosts) {
  Plan plan = {.next = current, .changes = {}, .problems = {}};
  const std::string key = KeyOf("Policy", name);
  const v1::Resource* before = current.Find(key);
  if (!policy.has_value()) {
    plan.next.Remove(key);
    plan.changes.push_back(
        {before == nullptr ? Change::Kind::kUnchanged : Change::Kind::kDeleted, key});
    return plan;
  }
  v1::Resource resource;
  *resource.mutable_policy() = *std::move(policy);
  if (before != nullptr && SameResource(*before, resource)) {
    plan.changes.push_back({Change::Kind::kUnchanged, key});
    return plan;
  }
  plan.next.Put(resource);
  Findings findings("", nullptr, plan.problems);
  CheckResource(resource, {plan.next, hosts}, findings);
  if (!plan.ok()) {
    plan.next = current;
    return plan;
  }
  plan.changes.push_back(
      {before == nullptr ? Change::Kind::kCreated : Change::Kind::kUpdated, key});
  return plan;
}

bool IsFor(const v1::InterfaceMatch& match, absl::string_view interface_name) {
  return match.types().empty() && match.names_size() == 1 && match.names(0) == interface_name;
}

// A section is of no use once it sets nothing.
bool SetsNothing(const v1::InterfaceSettings& section) {
  return section.firewall() == v1::Firewall::unspecified && !section.has_port_mappings() &&
         !section.has_icmp() && !section.has_outbound();
}

void SwitchAll(v1::Firewall::Mode mode, v1::Policy& policy) {
  policy.set_firewall(mode);
  auto& sections = *policy.mutable_interfaces();
  for (v1::InterfaceSettings& section : sections) section.clear_firewall();
  sections.erase(std::remove_if(sections.begin(), sections.end(), SetsNothing), sections.end());
}

// The section comes first, as the first that matches holds: who switches "eth0" after "eth*"
// means it.
void SwitchOne(absl::string_view interface_name, v1::Firewall::Mode mode, v1::Policy& policy) {
  v1::InterfaceSettings section;
  section.mutable_match()->add_names(std::string(interface_name));
  auto& sections = *policy.mutable_interfaces();
  const auto existing = std::find_if(
      sections.begin(), sections.end(),
      [&](const v1::InterfaceSettings& one) { return IsFor(one.match(), interface_name); });
  if (existing != sections.end()) {
    section = *existing;
    sections.erase(existing);
  }
  section.set_firewall(mode);
  *sections.Add() = std::move(section);
  std::rotate(sections.begin(), sections.end() - 1, sections.end());
}

// The list that the verbs edit: the policy's own or that of its section for the interface.
v1::PortMappings& MutableList(absl::string_view interface_name, v1::Policy& policy) {
  if (interface_name.empty()) return *policy.mutable_port_mappings();
  for (v1::InterfaceSettings& section : *policy.mutable_interfaces()) {
    if (IsFor(section.match(), interface_name)) return *section.mutable_port_mappings();
  }
  v1::InterfaceSettings& section = *policy.add_interfaces();
  section.mutable_match()->add_names(std::string(interface_name));
  return *section.mutable_port_mappings();
}

std::vector<std::string> NamesOf(const v1::PortMappings& list) {
  std::vector<const v1::PortMapping*> pointers;
  for (const v1::PortMapping& mapping : list.items()) pointers.push_back(&mapping);
  return MappingNames(pointers);
}

}  // namespace

Plan PlanSwitch(const Configuration& current, const EditTarget& target,
                absl::string_view interface_name, v1::Firewall::Mode mode,
                const std::set<std::string>& hosts) {
  if (mode == v1::Firewall::unspecified)
    return Refuse(current, "no mode: it is on, off or observe");
  absl::StatusOr<v1::Policy> policy =
      EditPolicy(current, {"switch", kSwitchPriority}, target, /*interface_name=*/"");
  if (!policy.ok()) return Refuse(current, std::string(policy.status().message()));
  if (interface_name.empty()) {
    SwitchAll(mode, *policy);
  } else {
    SwitchOne(interface_name, mode, *policy);
  }
  const std::string name = policy->name();
  return Finish(current, name, *std::move(policy), hosts);
}

Plan PlanAddMapping(const Configuration& current, const EditTarget& target,
                    absl::string_view interface_name, const v1::PortMapping& mapping,
                    const std::set<std::string>& hosts) {
  absl::StatusOr<v1::Policy> policy =
      EditPolicy(current, {"mappings", kMappingsPriority}, target, interface_name);
  if (!policy.ok()) return Refuse(current, std::string(policy.status().message()));
  v1::PortMappings& list = MutableList(interface_name, *policy);
  // The name is written down, so that it stays when those before it go.
  v1::PortMapping added = mapping;
  const v1::PortMapping* only[] = {&mapping};
  added.set_name(MappingNames(only)[0]);
  const std::vector<std::string> names = NamesOf(list);
  const auto same_name = std::find(names.begin(), names.end(), added.name());
  if (same_name == names.end()) {
    *list.add_items() = std::move(added);
  } else {
    v1::PortMapping existing = list.items(static_cast<int>(same_name - names.begin()));
    existing.set_name(added.name());
    if (existing.SerializeAsString() != added.SerializeAsString()) {
      return Refuse(current,
                    absl::StrCat("there is another mapping ", Quoted(added.name()), " in Policy/",
                                 policy->name(), "; remove it first, or give this one a name"));
    }
  }
  const std::string name = policy->name();
  return Finish(current, name, *std::move(policy), hosts);
}

Plan PlanRemoveMapping(const Configuration& current, const EditTarget& target,
                       absl::string_view interface_name, absl::string_view name,
                       const std::set<std::string>& hosts) {
  absl::StatusOr<v1::Policy> policy =
      EditPolicy(current, {"mappings", kMappingsPriority}, target, interface_name);
  if (!policy.ok()) return Refuse(current, std::string(policy.status().message()));
  v1::PortMappings& list = MutableList(interface_name, *policy);
  const std::vector<std::string> names = NamesOf(list);
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    return Refuse(current,
                  absl::StrCat("there is no mapping ", Quoted(name), " in Policy/", policy->name(),
                               names.empty() ? ", which has none" : DidYouMean(name, names),
                               "; mappings of other policies are changed where they are written"));
  }
  list.mutable_items()->erase(list.items().begin() + (found - names.begin()));
  const std::string policy_name = policy->name();
  if (list.items().empty()) return Finish(current, policy_name, std::nullopt, hosts);
  return Finish(current, policy_name, *std::move(policy), hosts);
}

}  // namespace firebreak::policy
