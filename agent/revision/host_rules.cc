#include "agent/revision/host_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "agent/kernel/nftables/nftables.h"
#include "base/status/status.h"
#include "policy/location/least_trusted.h"
#include "policy/merge/local_switch.h"
#include "policy/merge/profile.h"
#include "policy/resources/elsewhere.h"

namespace firebreak::agent {
namespace {

using policy::kElsewhere;

// As `meta iif` has it.
ruleset::Bytes InterfaceKey(uint32_t index) {
  return ruleset::Bytes(reinterpret_cast<const char*>(&index), sizeof index);
}

const char* ModeName(v1::Firewall::Mode mode) {
  switch (mode) {
    case v1::Firewall::off: return "off";
    case v1::Firewall::observe: return "observe";
    default: return "on";
  }
}

}  // namespace

std::vector<policy::Interface> HostRules::Interfaces() const {
  std::vector<policy::Interface> interfaces;
  for (const Link& link : links_) {
    if (link.type != "loopback") {
      interfaces.push_back({link.name, link.type, link.index, link.is_port});
    }
  }
  return interfaces;
}

const v1::EffectiveLocation& HostRules::HostLocation(const v1::EffectivePolicy& policy) const {
  std::vector<std::string> at;
  for (const Link& link : links_) {
    if (link.type == "loopback" || link.addresses.empty()) continue;
    v1::InterfaceState state;
    state.set_name(link.name);
    state.set_location(kElsewhere);
    locate_(state);
    at.push_back(state.location());
  }
  const v1::EffectiveLocation* location = policy::LeastTrusted(policy, at);
  return location == nullptr ? v1::EffectiveLocation::default_instance() : *location;
}

bool HostRules::MatchHostLocation(const v1::EffectivePolicy& policy) const {
  return HostLocation(policy).host().SerializeAsString() == host_settings_;
}

absl::StatusOr<ruleset::Ruleset> HostRules::Compile(const v1::EffectivePolicy& policy) const {
  return policy::Compile(
      policy, Interfaces(),
      {.host_location = HostLocation(policy).name(), .router = enforcer_.RouterAnyway()});
}

policy::Origins HostRules::OriginsOf(const v1::EffectivePolicy& policy) const {
  policy::Origins origins;
  const auto compiled = policy::Compile(policy, Interfaces(),
                                        {.host_location = HostLocation(policy).name(),
                                         .router = enforcer_.RouterAnyway(),
                                         .origins = &origins});
  if (!compiled.ok()) origins.clear();
  return origins;
}

absl::StatusOr<Enforcer::Outcome> HostRules::Enforce(const v1::EffectivePolicy& policy) {
  ASSIGN_OR_RETURN(const ruleset::Ruleset wanted, Compile(policy));
  absl::StatusOr<Enforcer::Outcome> outcome = enforcer_.Enforce(wanted);
  if (outcome.ok()) host_settings_ = HostLocation(policy).host().SerializeAsString();
  return outcome;
}

std::string HostRules::ResourceAtFault(const v1::EffectivePolicy& policy,
                                       const absl::Status& refused) const {
  const auto name = refused.GetPayload(kRefusedName);
  const auto key = refused.GetPayload(kRefusedKey);
  if (!name.has_value() || !key.has_value()) return "";
  const policy::Origins origins = OriginsOf(policy);
  const auto origin = origins.find({std::string(*name), std::string(*key)});
  if (origin == origins.end()) return "";
  return absl::StrCat("Policy/", origin->second->policy(), ", mapping ", origin->second->name());
}

std::vector<v1::InterfaceState> HostRules::States(const v1::EffectivePolicy& policy,
                                                  const v1::LocalSwitches& switches) const {
  std::vector<v1::InterfaceState> states;
  for (const policy::Interface& interface : Interfaces()) {
    v1::InterfaceState& state = states.emplace_back();
    state.set_name(interface.name);
    if (!policy.managed()) continue;
    state.set_location(kElsewhere);
    locate_(state);
    const auto location = std::find_if(
        policy.locations().begin(), policy.locations().end(),
        [&](const v1::EffectiveLocation& one) { return one.name() == state.location(); });
    const policy::Profile profile =
        policy::ProfileOf(location == policy.locations().end() ? policy.locations(0) : *location,
                          interface.name, interface.type);
    state.set_firewall(ModeName(profile.firewall));
    state.set_firewall_policy(profile.firewall_policy);
    if (profile.firewall_policy != policy::kLocalPolicy) continue;
    if (const v1::LocalSwitch* const decides =
            policy::FindSwitch(switches, interface.name, state.location());
        decides != nullptr) {
      *state.mutable_local_switch() = *decides;
    }
  }
  return states;
}

absl::Status HostRules::PutLease(const std::string& location, uint32_t interface_index,
                                 std::chrono::milliseconds lease) {
  return enforcer_.PutElement(policy::LocationSetName(location), InterfaceKey(interface_index),
                              lease);
}

absl::Status HostRules::EndLease(const std::string& location, uint32_t interface_index) {
  return enforcer_.DeleteElement(policy::LocationSetName(location), InterfaceKey(interface_index));
}

}  // namespace firebreak::agent
