// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/snapshot.h"

namespace firebreak::agent {

const v1::InterfaceState* Snapshot::StateOf(absl::string_view interface) const {
  for (const v1::InterfaceState& state : states) {
    if (state.name() == interface) return &state;
  }
  return nullptr;
}

const v1::EffectiveLocation* Snapshot::LocationOf(absl::string_view interface) const {
  if (!policy.managed() || policy.locations().empty()) return nullptr;
  const v1::InterfaceState* state = StateOf(interface);
  for (const v1::EffectiveLocation& location : policy.locations()) {
    if (state != nullptr && location.name() == state->location()) return &location;
  }
  return &policy.locations(0);  // the location "elsewhere"
}

v1::Interface ToInterface(const Link& link) {
  v1::Interface interface;
  interface.set_name(link.name);
  interface.set_index(link.index);
  interface.set_type(link.type);
  interface.set_up(link.up);
  for (const std::string& address : link.addresses) interface.add_addresses(address);
  return interface;
}

}  // namespace firebreak::agent
