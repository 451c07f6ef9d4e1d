// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/warnings.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "controller/admin/forwarding_warnings.h"
#include "controller/admin/hardening_warnings.h"
#include "policy/merge/profile.h"
#include "policy/merge/select.h"
#include "policy/resources/names.h"
#include "policy/resources/nearest.h"

namespace firebreak::controller {
namespace {

constexpr int kMaxWarnings = 100;

// Returns the names and patterns of interfaces in the policy, each with its field.
std::vector<std::pair<std::string, std::string>> NamesIn(const v1::Policy& policy) {
  std::vector<std::pair<std::string, std::string>> names;
  for (const std::string& name : policy.sharing().public_()) {
    names.emplace_back(name, "sharing.public");
  }
  for (const std::string& name : policy.sharing().private_()) {
    names.emplace_back(name, "sharing.private");
  }
  for (const v1::InterfaceSettings& section : policy.interfaces()) {
    for (const std::string& name : section.match().names()) {
      names.emplace_back(name, "interfaces.match.names");
    }
  }
  for (const auto* rules : {&policy.forward().block(), &policy.forward().allow()}) {
    for (const v1::PortMapping& rule : *rules) {
      for (const std::string& name : rule.in().names()) names.emplace_back(name, "forward in");
      for (const std::string& name : rule.out().names()) names.emplace_back(name, "forward out");
    }
  }
  return names;
}

// Returns the interfaces of the hosts that the policy applies to; empty if none of them has
// reported its interfaces.
std::set<std::string> InterfacesOf(const v1::Policy& policy, const policy::Selector& selector,
                                   const std::vector<StoredHost>& hosts) {
  std::set<std::string> interfaces;
  for (const StoredHost& host : hosts) {
    const auto selected = selector.Select(host.record.name, host.record.labels);
    const bool concerned =
        std::any_of(selected.begin(), selected.end(),
                    [&](const v1::Policy* one) { return one->name() == policy.name(); });
    if (!concerned) continue;
    for (const v1::Interface& interface : host.report.facts.interfaces()) {
      interfaces.insert(interface.name());
    }
  }
  return interfaces;
}

void Add(std::string reason, google::protobuf::RepeatedPtrField<v1::Problem>& warnings) {
  if (warnings.size() < kMaxWarnings) warnings.Add()->set_reason(std::move(reason));
}

}  // namespace

void AddWarnings(const std::vector<policy::Problem>& added,
                 google::protobuf::RepeatedPtrField<v1::Problem>& warnings) {
  for (const policy::Problem& warning : added) {
    if (warnings.size() == kMaxWarnings) return;
    v1::Problem& item = *warnings.Add();
    item.set_file(warning.file);
    item.set_line(warning.line);
    item.set_reason(warning.reason);
  }
}

google::protobuf::RepeatedPtrField<v1::Problem> WarningsOf(const policy::Plan& plan,
                                                           const Registry& registry) {
  google::protobuf::RepeatedPtrField<v1::Problem> warnings;
  AddWarnings(plan.warnings, warnings);
  std::vector<const v1::Policy*> changed;
  for (const policy::Change& change : plan.changes) {
    const v1::Resource* resource = plan.next.Find(change.resource);
    if (change.kind == policy::Change::Kind::kUnchanged || resource == nullptr) continue;
    if (resource->has_policy() && !NamesIn(resource->policy()).empty()) {
      changed.push_back(&resource->policy());
    }
  }
  if (changed.empty()) return warnings;
  const policy::Selector selector(plan.next);
  const std::vector<StoredHost> hosts = registry.All();
  for (const v1::Policy* policy : changed) {
    const std::set<std::string> interfaces = InterfacesOf(*policy, selector, hosts);
    if (interfaces.empty()) continue;
    for (const auto& [name, field] : NamesIn(*policy)) {
      v1::InterfaceMatch match;
      match.add_names(name);
      const bool there =
          std::any_of(interfaces.begin(), interfaces.end(),
                      [&](const std::string& one) { return policy::Matches(match, one, ""); });
      if (there) continue;
      Add(absl::StrCat("Policy/", policy->name(), ": ", field,
                       ": none of its hosts has an interface ", policy::Quoted(name), " now",
                       policy::DidYouMean(name, {interfaces.begin(), interfaces.end()})),
          warnings);
    }
  }
  return warnings;
}

std::vector<std::string> FleetWarnings(const policy::Selector& before,
                                       const policy::Selector& after, const Registry& registry) {
  // Few hosts forward, and most changes have nothing to do with hardening: no more is copied.
  const auto forwards = [](const StoredHost& host) {
    return host.report.facts.forwards_ipv4() || host.report.facts.forwards_ipv6();
  };
  std::vector<std::string> warnings = ForwardingWarnings(before, after, registry.Where(forwards));
  if (!Hardens(after.configuration())) return warnings;
  for (std::string& warning : HardeningWarnings(before, after, registry.All())) {
    warnings.push_back(std::move(warning));
  }
  return warnings;
}

void AddFleetWarnings(const policy::Selector& before, const policy::Selector& after,
                      const Registry& registry,
                      google::protobuf::RepeatedPtrField<v1::Problem>& warnings) {
  for (std::string& reason : FleetWarnings(before, after, registry)) {
    Add(std::move(reason), warnings);
  }
}

}  // namespace firebreak::controller
