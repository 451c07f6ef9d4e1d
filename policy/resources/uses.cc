// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/uses.h"

#include <algorithm>

namespace firebreak::policy {
namespace {

template <typename List>
bool AnyNames(const List& mappings, absl::string_view service) {
  return std::any_of(mappings.begin(), mappings.end(),
                     [&](const v1::PortMapping& mapping) { return mapping.service() == service; });
}

// Whether the settings of a policy, or of one of its sections, name the service.
template <typename Settings>
bool SettingsUse(const Settings& settings, absl::string_view service) {
  return AnyNames(settings.port_mappings().items(), service) ||
         AnyNames(settings.outbound().allow(), service) ||
         AnyNames(settings.outbound().block(), service);
}

bool Uses(const v1::Policy& policy, const v1::Resource& used) {
  const absl::string_view name = NameOf(used);
  const auto names_it = [&](const auto& list) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  switch (used.kind_case()) {
    case v1::Resource::kGroup: return names_it(policy.groups());
    case v1::Resource::kLocation: return names_it(policy.locations());
    case v1::Resource::kService:
      return SettingsUse(policy, name) ||
             std::any_of(policy.interfaces().begin(), policy.interfaces().end(),
                         [&](const auto& section) { return SettingsUse(section, name); });
    case v1::Resource::kPolicy:
    case v1::Resource::kEdit:
    case v1::Resource::kInvariant:
    case v1::Resource::kRolloutStrategy:
    case v1::Resource::kProbe:
    case v1::Resource::KIND_NOT_SET: return false;
  }
  return false;
}

bool Uses(const v1::Edit& edit, const v1::Resource& used) {
  const absl::string_view name = NameOf(used);
  return (used.has_group() && edit.group() == name) ||
         (used.has_location() && edit.location() == name) ||
         (used.has_service() && edit.mapping().service() == name);
}

template <typename List>
bool Names(const List& list, const v1::Resource& used) {
  return std::find(list.begin(), list.end(), NameOf(used)) != list.end();
}

bool Uses(const v1::Invariant& invariant, const v1::Resource& used) {
  return (used.has_group() && Names(invariant.groups(), used)) ||
         (used.has_location() && Names(invariant.locations(), used)) ||
         (used.has_service() && AnyNames(invariant.traffic(), NameOf(used)));
}

bool Uses(const v1::Probe& probe, const v1::Resource& used) {
  return used.has_group() && Names(probe.groups(), used);
}

bool Uses(const v1::RolloutStrategy& strategy, const v1::Resource& used) {
  if (used.has_probe()) return Names(strategy.gates().probes(), used);
  return used.has_group() &&
         std::any_of(strategy.waves().begin(), strategy.waves().end(),
                     [&](const auto& wave) { return Names(wave.groups(), used); });
}

}  // namespace

std::vector<std::string> UsersOf(const Configuration& configuration, absl::string_view key) {
  std::vector<std::string> users;
  const v1::Resource* used = configuration.Find(key);
  if (used == nullptr) return users;
  for (const auto& [user, resource] : configuration.resources()) {
    if ((resource->has_policy() && Uses(resource->policy(), *used)) ||
        (resource->has_edit() && Uses(resource->edit(), *used)) ||
        (resource->has_invariant() && Uses(resource->invariant(), *used)) ||
        (resource->has_probe() && Uses(resource->probe(), *used)) ||
        (resource->has_rollout_strategy() && Uses(resource->rollout_strategy(), *used))) {
      users.push_back(user);
    }
  }
  return users;
}

}  // namespace firebreak::policy
