// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/check_interfaces.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {
namespace {

// Returns why an interface cannot have a firewall of its own, or an empty text if it can.
std::string Why(const Interface& interface, const v1::Sharing& sharing) {
  if (interface.is_port) {
    return "is a port of a bridge: what it carries does not pass through this host's IP";
  }
  if (interface.type == "bridge") {
    return "is a bridge: what it switches does not pass through this host; the firewall of the "
           "policy itself holds for what the host sends and receives";
  }
  const auto& names = sharing.private_();
  if (std::find(names.begin(), names.end(), interface.name) != names.end()) {
    return "is a private interface of sharing: what comes from outside is judged at the public one";
  }
  return "";
}

bool GivesFirewall(const v1::InterfaceLayer& section) {
  return section.settings().firewall() == v1::Firewall::on ||
         section.settings().firewall() == v1::Firewall::observe;
}

// Returns the interface for which the section cannot hold: one that the section names or, if no
// interface that its patterns match can have a firewall, the first of these. Returns null if the
// section can hold.
const Interface* AtFault(const v1::InterfaceLayer& section, std::span<const Interface> interfaces,
                         const v1::Sharing& sharing) {
  const auto& names = section.match().names();
  if (names.empty()) return nullptr;
  const Interface* first = nullptr;
  bool holds_for_another = false;
  for (const Interface& one : interfaces) {
    if (!Matches(section.match(), one.name, one.type)) continue;
    if (Why(one, sharing).empty()) {
      holds_for_another = true;
    } else if (std::find(names.begin(), names.end(), one.name) != names.end()) {
      return &one;
    } else if (first == nullptr) {
      first = &one;
    }
  }
  return holds_for_another ? nullptr : first;
}

}  // namespace

std::optional<InterfaceFault> CheckInterfaces(const v1::EffectivePolicy& policy,
                                              std::span<const Interface> interfaces) {
  for (const v1::EffectiveLocation& location : policy.locations()) {
    const v1::Sharing& sharing = location.host().sharing();
    for (const v1::Layer& layer : location.layers()) {
      for (const v1::InterfaceLayer& section : layer.interfaces()) {
        if (!GivesFirewall(section)) continue;
        const Interface* const fault = AtFault(section, interfaces, sharing);
        if (fault == nullptr) continue;
        return InterfaceFault{.reason = absl::StrCat("interface ", fault->name,
                                                     " cannot be given a firewall of its own: it ",
                                                     Why(*fault, sharing)),
                              .policy = section.settings().firewall_policy()};
      }
    }
  }
  return std::nullopt;
}

}  // namespace firebreak::policy
