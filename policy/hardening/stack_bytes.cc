// SPDX-License-Identifier: Apache-2.0
#include "policy/hardening/stack_bytes.h"

#include <utility>

namespace firebreak::policy {

std::string StackBytes(const v1::EffectivePolicy& policy) {
  v1::EffectivePolicy asked;
  for (const v1::EffectiveLocation& location : policy.locations()) {
    v1::EffectiveLocation one;
    one.set_name(location.name());
    if (location.host().has_hardening()) {
      *one.mutable_host()->mutable_hardening() = location.host().hardening();
    }
    for (const v1::Layer& layer : location.layers()) {
      for (const v1::InterfaceLayer& section : layer.interfaces()) {
        if (!section.settings().has_hardening()) continue;
        v1::InterfaceLayer& kept = *one.add_layers()->add_interfaces();
        *kept.mutable_match() = section.match();
        *kept.mutable_settings()->mutable_hardening() = section.settings().hardening();
      }
    }
    if (one.has_host() || !one.layers().empty()) *asked.add_locations() = std::move(one);
  }
  return asked.SerializeAsString();
}

}  // namespace firebreak::policy
