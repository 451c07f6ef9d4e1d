// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/merge.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "policy/merge/limits.h"
#include "policy/merge/settings.h"
#include "policy/resources/edit.h"
#include "policy/resources/elsewhere.h"

namespace firebreak::policy {
namespace {

// Returns the locations by precedence, highest first.
std::vector<const v1::Location*> Locations(const Configuration& configuration) {
  std::vector<const v1::Location*> locations;
  for (const auto& [key, resource] : configuration.resources()) {
    if (resource->has_location()) locations.push_back(&resource->location());
  }
  std::sort(locations.begin(), locations.end(), [](const v1::Location* a, const v1::Location* b) {
    return a->precedence() != b->precedence() ? a->precedence() > b->precedence()
                                              : a->name() < b->name();
  });
  return locations;
}

bool HoldsAt(const v1::Policy& policy, const std::string& location) {
  return policy.locations().empty() ||
         std::find(policy.locations().begin(), policy.locations().end(), location) !=
             policy.locations().end();
}

bool IsEmpty(const v1::Layer& layer) {
  return layer.interfaces().empty() && layer.settings().ByteSizeLong() == 0;
}

// Stands in place of a policy's name for the settings of a host that no policy selects.
constexpr char kUnmanaged[] = "unmanaged";

bool IsEdit(const v1::Policy* policy) { return EditNumber(policy->name()) != 0; }

bool IsSwitch(const v1::Policy* edit) {
  return edit->firewall() != v1::Firewall::unspecified ||
         std::any_of(edit->interfaces().begin(), edit->interfaces().end(), [](const auto& section) {
           return section.firewall() != v1::Firewall::unspecified;
         });
}

// Returns one policy as a layer, which is the same for all locations.
v1::Layer LayerOf(const Configuration& configuration, const v1::Policy& policy) {
  v1::Layer layer;
  *layer.mutable_settings() = SettingsOf(configuration, policy);
  for (const v1::InterfaceSettings& section : policy.interfaces()) {
    *layer.add_interfaces() = SectionOf(configuration, policy, section);
  }
  return layer;
}

}  // namespace

v1::EffectivePolicy Merge(const Configuration& configuration,
                          std::span<const v1::Policy* const> policies) {
  // If only edits select the host, it stays open: an added mapping opens nothing that is not open
  // already, and a switch changes only what it is about.
  const bool only_edits = std::all_of(policies.begin(), policies.end(), IsEdit);
  if (only_edits && std::none_of(policies.begin(), policies.end(), IsSwitch)) policies = {};
  v1::Layer unmanaged;
  if (only_edits) {
    unmanaged.mutable_settings()->set_firewall(v1::Firewall::off);
    unmanaged.mutable_settings()->set_firewall_policy(kUnmanaged);
  }

  std::vector<v1::Layer> layers;
  for (const v1::Policy* policy : policies) layers.push_back(LayerOf(configuration, *policy));

  v1::EffectivePolicy effective;
  effective.set_managed(!policies.empty());
  const auto add = [&](const std::string& name) {
    v1::EffectiveLocation& location = *effective.add_locations();
    location.set_name(name);
    v1::Layer* last = nullptr;
    for (size_t i = 0; i < policies.size(); ++i) {
      if (!HoldsAt(*policies[i], name)) continue;
      if (const v1::HostSettings host = HostSettingsOf(*policies[i]); host.ByteSizeLong() != 0) {
        AddLower(host, *location.mutable_host());
      }
      if (IsEmpty(layers[i])) continue;
      const bool joins =
          last != nullptr && last->interfaces().empty() && layers[i].interfaces().empty();
      if (joins) {
        AddLower(layers[i].settings(), *last->mutable_settings());
      } else {
        last = location.add_layers();
        *last = layers[i];
      }
    }
    if (only_edits && !policies.empty()) *location.add_layers() = unmanaged;
    return &location;
  };
  size_t bytes = add(kElsewhere)->ByteSizeLong();
  for (const v1::Location* location : Locations(configuration)) {
    // Each has all layers once more. What is too much already is refused, and need not be whole.
    if (bytes > kMaxEffectiveBytes || effective.locations_size() > kMaxLocations) break;
    v1::EffectiveLocation& added = *add(location->name());
    *added.mutable_proof() = *location;
    bytes += added.ByteSizeLong();
  }
  return effective;
}

std::string Serialize(const v1::EffectivePolicy& policy) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  policy.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

}  // namespace firebreak::policy
