// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/expiring.h"

#include <algorithm>

namespace firebreak::policy {
namespace {

template <typename Visitor>
void Visit(const v1::Settings& settings, const Visitor& visit) {
  for (const v1::Mappings* list :
       {&settings.inbound(), &settings.outbound(), &settings.forward()}) {
    for (const v1::Mapping& mapping : list->items()) visit(mapping);
  }
}

void Remove(int64_t now, v1::Mappings& mappings) {
  auto& items = *mappings.mutable_items();
  items.erase(std::remove_if(items.begin(), items.end(),
                             [&](const v1::Mapping& one) { return HasExpired(one, now); }),
              items.end());
}

// Keeps a list that becomes empty, because an empty list means something else than no list.
void Remove(int64_t now, v1::Settings& settings) {
  if (settings.has_inbound()) Remove(now, *settings.mutable_inbound());
  if (settings.has_outbound()) Remove(now, *settings.mutable_outbound());
  if (settings.has_forward()) Remove(now, *settings.mutable_forward());
}

}  // namespace

std::vector<const v1::Mapping*> AllMappings(const v1::EffectivePolicy& policy) {
  std::vector<const v1::Mapping*> all;
  const auto add = [&](const v1::Mapping& mapping) { all.push_back(&mapping); };
  for (const v1::EffectiveLocation& location : policy.locations()) {
    for (const v1::Layer& layer : location.layers()) {
      Visit(layer.settings(), add);
      for (const v1::InterfaceLayer& section : layer.interfaces()) Visit(section.settings(), add);
    }
  }
  return all;
}

v1::EffectivePolicy WithoutExpired(const v1::EffectivePolicy& policy, int64_t now) {
  v1::EffectivePolicy rest = policy;
  for (v1::EffectiveLocation& location : *rest.mutable_locations()) {
    for (v1::Layer& layer : *location.mutable_layers()) {
      if (layer.has_settings()) Remove(now, *layer.mutable_settings());
      for (v1::InterfaceLayer& section : *layer.mutable_interfaces()) {
        if (section.has_settings()) Remove(now, *section.mutable_settings());
      }
    }
  }
  return rest;
}

Expiry ExpiryAround(const v1::EffectivePolicy& policy, int64_t now) {
  Expiry expiry;
  for (const v1::Mapping* mapping : AllMappings(policy)) {
    const int64_t expires = mapping->expires();
    if (HasExpired(*mapping, now)) {
      expiry.last = std::max(expiry.last, expires);
    } else if (expires != 0) {
      expiry.next = expiry.next == 0 ? expires : std::min(expiry.next, expires);
    }
  }
  return expiry;
}

}  // namespace firebreak::policy
