#include "agent/revision/host_rules.h"

#include <linux/if_ether.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "agent/adopt/adopt_connections.h"
#include "agent/kernel/nftables/nftables.h"
#include "agent/kernel/settings/client_ports.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "policy/location/least_trusted.h"
#include "policy/merge/local_switch.h"
#include "policy/merge/profile.h"
#include "policy/resources/elsewhere.h"

namespace firebreak::agent {
namespace {

using policy::kElsewhere;

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
    if (link.type == "loopback") continue;
    policy::Interface& interface = interfaces.emplace_back(
        policy::Interface{link.name, link.type, link.index, link.is_port, link.is_guest});
    for (const Link& guest : links_) {
      if (!guest.is_guest || guest.lower != link.index) continue;
      if (guest.mac.size() == ETH_ALEN) interface.guests.push_back(guest.mac);
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
    locations_.Describe(state);
    at.push_back(state.location());
  }
  const v1::EffectiveLocation* location = policy::LeastTrusted(policy, at);
  return location == nullptr ? v1::EffectiveLocation::default_instance() : *location;
}

bool HostRules::MatchHostLocation(const v1::EffectivePolicy& policy) const {
  return HostLocation(policy).host().SerializeAsString() == host_settings_;
}

policy::CompileOptions HostRules::CompileOptions(const v1::EffectivePolicy& policy) const {
  return {.host_location = HostLocation(policy).name(),
          .router = enforcer_.RouterAnyway(),
          .client_ports = ReadClientPorts()};
}

absl::StatusOr<ruleset::Ruleset> HostRules::Compile(const v1::EffectivePolicy& policy) const {
  return policy::Compile(policy, Interfaces(), CompileOptions(policy));
}

policy::Origins HostRules::OriginsOf(const v1::EffectivePolicy& policy) const {
  policy::Origins origins;
  policy::CompileOptions options = CompileOptions(policy);
  options.origins = &origins;
  if (!policy::Compile(policy, Interfaces(), options).ok()) origins.clear();
  return origins;
}

absl::StatusOr<Enforcer::Outcome> HostRules::Enforce(const v1::EffectivePolicy& policy,
                                                     const ruleset::Ruleset& rules) {
  if (const auto kernel = enforcer_.Read(); kernel.ok() && kernel->empty() && !rules.empty()) {
    if (const auto adopted = AdoptConnections(rules); !adopted.ok()) {
      // They are cut off, as they would be without trying.
      LogWarning(adopted.status().message());
    } else if (*adopted > 0) {
      LogInfo(absl::StrCat(*adopted, " connections that were there before the rules go on"));
    }
  }
  absl::StatusOr<Enforcer::Outcome> outcome = enforcer_.Enforce(rules);
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
  const v1::HostSettings& host = HostLocation(policy).host();
  for (const policy::Interface& interface : Interfaces()) {
    v1::InterfaceState& state = states.emplace_back();
    state.set_name(interface.name);
    if (!policy.managed()) continue;
    state.set_location(kElsewhere);
    locations_.Describe(state);
    const auto location = std::find_if(
        policy.locations().begin(), policy.locations().end(),
        [&](const v1::EffectiveLocation& one) { return one.name() == state.location(); });
    const policy::Profile profile =
        policy::ProfileOf(location == policy.locations().end() ? policy.locations(0) : *location,
                          interface.name, interface.type);
    state.set_firewall(ModeName(profile.firewall));
    state.set_firewall_policy(profile.firewall_policy);
    // Whatever a policy says, it does not hold there.
    if (interface.is_port) {
      state.set_firewall("bridged");
      state.clear_firewall_policy();
      continue;
    }
    const auto& shared = host.sharing().private_();
    if (std::find(shared.begin(), shared.end(), interface.name) != shared.end()) {
      state.set_firewall(ModeName(v1::Firewall::off));
      state.set_firewall_policy(host.sharing_policy());
      continue;
    }
    if (profile.firewall_policy != policy::kLocalPolicy) continue;
    if (const v1::LocalSwitch* const decides =
            policy::FindSwitch(switches, interface.name, state.location());
        decides != nullptr) {
      *state.mutable_local_switch() = *decides;
    }
  }
  return states;
}

}  // namespace firebreak::agent
