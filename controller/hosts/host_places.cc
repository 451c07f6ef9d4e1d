// SPDX-License-Identifier: Apache-2.0
#include "controller/hosts/host_places.h"

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "policy/evidence/seen_packets.h"
#include "policy/resources/elsewhere.h"

namespace firebreak::controller {
namespace {

bool IsReachable(absl::string_view address) {
  return !absl::StartsWith(address, "127.") && !absl::StartsWith(address, "169.254.") &&
         !absl::StartsWith(address, "fe80:") && !absl::StartsWith(address, "::1/");
}

}  // namespace

HostPlaces::HostPlaces(const StoredHost& host) : own(policy::OwnAddresses(host.report.facts)) {
  for (const v1::Interface& interface : host.report.facts.interfaces()) {
    types_[interface.name()] = interface.type();
    for (absl::string_view address : interface.addresses()) {
      if (!interface.up() || !IsReachable(address)) continue;
      reachable.emplace_back(address.substr(0, address.find('/')));
    }
  }
  for (const v1::InterfaceState& state : host.report.receipt.interfaces()) {
    locations_[state.name()] = state.location();
    locations.insert(state.location());
  }
}

HostPlaces::Place HostPlaces::Of(const std::string& interface) const {
  const auto type = types_.find(interface), location = locations_.find(interface);
  Place place = {{.name = interface}, std::string(policy::kElsewhere)};
  if (type != types_.end()) place.interface.type = type->second;
  if (location != locations_.end()) place.location = location->second;
  return place;
}

}  // namespace firebreak::controller
