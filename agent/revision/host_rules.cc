// SPDX-License-Identifier: Apache-2.0
#include "agent/revision/host_rules.h"

#include <linux/if_ether.h>

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/adopt/adopt_connections.h"
#include "agent/kernel/control_groups/units.h"
#include "agent/kernel/nftables/nftables.h"
#include "agent/kernel/settings/client_ports.h"
#include "agent/kernel/settings/window_scale.h"
#include "agent/senders/senders.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "policy/hardening/logged_connections.h"
#include "policy/hardening/resolve.h"
#include "policy/location/least_trusted.h"
#include "policy/merge/local_switch.h"
#include "policy/merge/profile.h"
#include "policy/resources/elsewhere.h"

namespace firebreak::agent {
namespace {

using policy::kElsewhere;

// Seconds since 1970, by the host's clock.
int64_t Now() { return absl::ToUnixSeconds(absl::Now()); }

const char* ModeName(v1::Firewall::Mode mode) {
  switch (mode) {
    case v1::Firewall::off: return "off";
    case v1::Firewall::observe: return "observe";
    default: return "on";
  }
}

const v1::EffectiveLocation* FindLocation(const v1::EffectivePolicy& policy,
                                          const std::string& name) {
  const auto location =
      std::find_if(policy.locations().begin(), policy.locations().end(),
                   [&](const v1::EffectiveLocation& one) { return one.name() == name; });
  return location == policy.locations().end() ? nullptr : &*location;
}

}  // namespace

std::vector<policy::Interface> HostRules::Interfaces() const {
  std::vector<policy::Interface> interfaces;
  for (const Link& link : links_) {
    if (link.type == "loopback") continue;
    policy::Interface& interface =
        interfaces.emplace_back(policy::Interface{.name = link.name,
                                                  .type = link.type,
                                                  .index = link.index,
                                                  .is_port = link.is_port,
                                                  .is_guest = link.is_guest,
                                                  .master = link.master,
                                                  .checks_sums = link.checks_sums});
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
    at.push_back(locations_.At(link.name));
  }
  const v1::EffectiveLocation* location = policy::LeastTrusted(policy, at);
  return location == nullptr ? v1::EffectiveLocation::default_instance() : *location;
}

bool HostRules::MatchHostLocation(const v1::EffectivePolicy& policy) const {
  return HostLocation(policy).host().SerializeAsString() == host_settings_ &&
         (!policy.managed() || StackUnder(policy).sysctls == stack_.sysctls);
}

HostHardening HostRules::StackUnder(const v1::EffectivePolicy& policy) const {
  const auto at = [&](const Link& link) { return FindLocation(policy, locations_.At(link.name)); };
  const v1::HostSettings& host = HostLocation(policy).host();
  HostHardening stack = HardeningFor(host, links_, at, pressure_, enforcer_.settings());
  if (policy.managed() && host.logging().connections()) {
    stack.sysctls["net/netfilter/nf_conntrack_acct"] = {.value = "1",
                                                        .setting = policy::kForLoggedConnections};
  }
  return stack;
}

bool HostRules::SetPressure(const StackPressure& pressure) {
  const bool rules = pressure.attacked != pressure_.attacked;
  pressure_ = pressure;
  return rules;
}

void HostRules::TellStack(const v1::EffectivePolicy& policy) {
  if (stack_listener_) {
    stack_listener_(HostLocation(policy).host().hardening(), stack_.held_back);
  }
}

absl::Status HostRules::EnforceStack(const v1::EffectivePolicy& policy) {
  stack_ = StackUnder(policy);
  absl::Status status = enforcer_.EnforceStack(stack_.sysctls);
  TellStack(policy);
  return status;
}

policy::CompileOptions HostRules::CompileOptions(const v1::EffectivePolicy& policy,
                                                 policy::Senders senders) const {
  return {.host_location = HostLocation(policy).name(),
          .client_ports = ReadClientPorts(),
          .senders = std::move(senders),
          .attacked = pressure_.attacked,
          .window_scale = ReadWindowScale().value_or(policy::CompileOptions().window_scale)};
}

absl::StatusOr<ruleset::Ruleset> HostRules::Compile(const v1::EffectivePolicy& policy) const {
  const int64_t now = Now();
  if (!compiled_at_.has_value()) compiled_at_ = now;
  SenderNames names = SendersIn(policy);
  if (!compiled_for_.has_value() || compiled_for_->names != names) {
    policy::Senders senders = FindOnHost(names);
    compiled_for_ = {std::move(names), std::move(senders)};
  }
  if (policy::ExpiryAround(policy, now).last != 0) {
    const v1::EffectivePolicy rest = policy::WithoutExpired(policy, now);
    // Senders named only by expired mappings need no look-up.
    return policy::Compile(rest, Interfaces(), CompileOptions(rest, compiled_for_->senders));
  }
  return policy::Compile(policy, Interfaces(), CompileOptions(policy, compiled_for_->senders));
}

bool HostRules::IsOutdated(const v1::EffectivePolicy& policy) const {
  return policy::IsOver(expiry_, Now()) || FindOnHost(SendersIn(policy)) != senders_;
}

std::optional<absl::Duration> HostRules::UntilOutdated() const {
  // Nobody reports a change of the clock or of accounts, and a report about units may be missed, so
  // the rules are checked at least once a minute.
  constexpr absl::Duration kLongest = absl::Minutes(1);
  if (expiry_ == policy::Expiry() && !names_senders_) return std::nullopt;
  if (expiry_.next == 0) return kLongest;
  return std::clamp(absl::FromUnixSeconds(expiry_.next) - absl::Now(), absl::ZeroDuration(),
                    kLongest);
}

policy::Origins HostRules::OriginsOf(const v1::EffectivePolicy& policy) const {
  policy::Origins origins;
  const int64_t now = Now();
  const v1::EffectivePolicy rest = policy::WithoutExpired(policy, now);
  policy::CompileOptions options = CompileOptions(rest, FindOnHost(SendersIn(rest)));
  options.origins = &origins;
  if (!policy::Compile(rest, Interfaces(), options).ok()) {
    origins.clear();
    return origins;
  }
  // Maps the origins to the caller's policy, because they point into the copy without expired
  // mappings.
  std::vector<const v1::Mapping*> whole = policy::AllMappings(policy);
  std::erase_if(whole, [&](const v1::Mapping* one) { return policy::HasExpired(*one, now); });
  const std::vector<const v1::Mapping*> compiled = policy::AllMappings(rest);
  absl::flat_hash_map<const v1::Mapping*, const v1::Mapping*> same;
  for (size_t i = 0; i < compiled.size(); ++i) same.emplace(compiled[i], whole[i]);
  for (auto& [place, mapping] : origins) mapping = same.at(mapping);
  return origins;
}

absl::StatusOr<Enforcer::Outcome> HostRules::Enforce(const v1::EffectivePolicy& policy,
                                                     const ruleset::Ruleset& rules) {
  if (const auto kernel = enforcer_.Read(); kernel.ok() && kernel->empty() && !rules.empty()) {
    if (const auto adopted = AdoptConnections(rules); !adopted.ok()) {
      // Without adoption the new rules cut these connections off, as they would have done anyway.
      LogWarning(adopted.status().message());
    } else if (*adopted > 0) {
      LogInfo(absl::StrCat(*adopted, " connections from before the rules continue"));
    }
  }
  HostHardening stack = StackUnder(policy);
  absl::StatusOr<Enforcer::Outcome> outcome = enforcer_.Enforce(rules, stack.sysctls);
  if (outcome.ok()) {
    host_settings_ = HostLocation(policy).host().SerializeAsString();
    expiry_ = policy::ExpiryAround(policy, compiled_at_.value_or(Now()));
    compiled_at_.reset();
    NoteSenders(policy);
    stack_ = std::move(stack);
  }
  TellStack(policy);
  return outcome;
}

void HostRules::NoteSenders(const v1::EffectivePolicy& policy) {
  const SenderNames names = SendersIn(policy);
  names_senders_ = !names.empty();
  const bool known = compiled_for_.has_value() && compiled_for_->names == names;
  senders_ = known ? compiled_for_->senders : FindOnHost(names);
  compiled_for_.reset();
  unknown_senders_ =
      DescribeUnknown(names, senders_, !names.units.empty() && FindControlGroups().has_value());
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
    const v1::EffectiveLocation* const location = FindLocation(policy, state.location());
    const policy::Profile profile = policy::ProfileOf(
        location == nullptr ? policy.locations(0) : *location, interface.name, interface.type);
    state.set_firewall(ModeName(profile.firewall));
    state.set_firewall_policy(profile.firewall_policy);
    // A port of a bridge has no firewall, whatever a policy says.
    if (interface.is_port) {
      state.set_firewall("bridged");
      state.clear_firewall_policy();
      continue;
    }
    const bool proxies =
        std::any_of(profile.inbound.begin(), profile.inbound.end(),
                    [](const v1::Mapping* mapping) { return mapping->proxy_handshake(); });
    if (proxies && !interface.checks_sums && profile.firewall != v1::Firewall::off) {
      state.add_notes(
          "`handshake: proxy` applies to IPv4 only: the device does not verify checksums, and the "
          "kernel's proxy needs that for IPv6, so IPv6 connections go directly to the service "
          "(`ethtool -K DEVICE rx on` turns it on, if the device can)");
    }
    const auto& shared = host.sharing().private_();
    if (std::find(shared.begin(), shared.end(), interface.name) != shared.end()) {
      state.set_firewall(ModeName(v1::Firewall::off));
      state.set_firewall_policy(host.sharing_policy());
      continue;
    }
    if (profile.firewall_policy != policy::kLocalPolicy) continue;
    if (const v1::LocalSwitch* const decides = policy::FindSwitch(
            switches, policy::SwitchSubject::kFirewall, interface.name, state.location());
        decides != nullptr) {
      *state.mutable_local_switch() = *decides;
    }
  }
  return states;
}

}  // namespace firebreak::agent
