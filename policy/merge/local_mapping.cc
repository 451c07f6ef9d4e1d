// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/local_mapping.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "policy/merge/local_switch.h"
#include "policy/merge/spell.h"

namespace firebreak::policy {
namespace {

bool Concerns(const v1::LocalMapping& mapping, const v1::EffectiveLocation& location) {
  return mapping.location().empty() || mapping.location() == location.name();
}

v1::Mappings SpellLocal(const v1::LocalMapping& mapping) {
  // The host does not have the fleet's services, so only built-in services are known.
  v1::Mappings spelled = Spell(Configuration(), kLocalPolicy,
                               {{&mapping.mapping(), v1::Traffic::allow}}, LocalSide::kTo);
  for (v1::Mapping& one : *spelled.mutable_items()) {
    if (one.description().empty()) one.set_description(mapping.reason());
    if (mapping.has_ends()) one.set_expires(std::max<int64_t>(mapping.ends().seconds(), 1));
  }
  return spelled;
}

bool IsLocal(const v1::Mappings& mappings) {
  return mappings.items_size() != 0 && mappings.items(0).policy() == kLocalPolicy;
}

bool IsLocal(const v1::Layer& layer) {
  return IsLocal(layer.settings().inbound()) ||
         (layer.interfaces_size() != 0 && IsLocal(layer.interfaces(0).settings().inbound()));
}

}  // namespace

void ApplyLocalMappings(const v1::LocalMappings& mappings, v1::EffectivePolicy& policy) {
  if (!policy.managed()) return;
  for (v1::EffectiveLocation& location : *policy.mutable_locations()) {
    if (!LetsSwitch(location)) continue;
    std::map<std::string, v1::Mappings> by_interface;
    for (const v1::LocalMapping& mapping : mappings.open()) {
      if (!Concerns(mapping, location)) continue;
      v1::Mappings spelled = SpellLocal(mapping);
      if (!spelled.items().empty()) by_interface[mapping.interface()].MergeFrom(spelled);
    }
    // A section replaces what its layer says, so each interface has a layer of its own.
    for (auto& [interface, list] : by_interface) {
      v1::Layer& layer = *location.add_layers();
      if (interface.empty()) {
        *layer.mutable_settings()->mutable_inbound() = std::move(list);
        continue;
      }
      layer.mutable_settings();
      v1::InterfaceLayer& section = *layer.add_interfaces();
      section.mutable_match()->add_names(interface);
      *section.mutable_settings()->mutable_inbound() = std::move(list);
    }
  }
}

bool RemoveLocalMappings(v1::EffectivePolicy& policy) {
  bool any = false;
  for (v1::EffectiveLocation& location : *policy.mutable_locations()) {
    auto& layers = *location.mutable_layers();
    while (!layers.empty() && IsLocal(layers[layers.size() - 1])) {
      layers.RemoveLast();
      any = true;
    }
  }
  return any;
}

bool LetsOpen(const v1::EffectivePolicy& policy, const v1::LocalMapping& mapping) {
  return policy.managed() && std::any_of(policy.locations().begin(), policy.locations().end(),
                                         [&](const v1::EffectiveLocation& location) {
                                           return Concerns(mapping, location) &&
                                                  LetsSwitch(location);
                                         });
}

const v1::LocalMapping* FindLocalMapping(const v1::LocalMappings& mappings,
                                         absl::string_view name) {
  for (const v1::LocalMapping& one : mappings.open()) {
    if (one.mapping().name() == name) return &one;
  }
  return nullptr;
}

}  // namespace firebreak::policy
