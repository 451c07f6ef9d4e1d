// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/settings.h"

#include <utility>
#include <vector>

#include "policy/hardening/resolve.h"
#include "policy/merge/forwarding.h"
#include "policy/merge/spell.h"
#include "policy/resources/conntrack_helpers.h"
#include "policy/resources/icmp_options.h"

namespace firebreak::policy {
namespace {

v1::Traffic::Action Given(v1::Traffic::Action action) {
  return action == v1::Traffic::unspecified ? v1::Traffic::allow : action;
}

v1::Mappings SpellInbound(const Configuration& configuration, const std::string& policy,
                          const v1::PortMappings& written) {
  std::vector<WrittenMapping> list;
  for (const v1::PortMapping& mapping : written.items()) {
    list.push_back({&mapping, Given(mapping.action())});
  }
  return Spell(configuration, policy, list, LocalSide::kTo);
}

// Spells out both lists of `outbound`. Their relative order is not written, so blocks come first.
v1::Mappings SpellOutbound(const Configuration& configuration, const std::string& policy,
                           const v1::Outbound& written) {
  std::vector<WrittenMapping> list;
  for (const v1::PortMapping& mapping : written.block()) {
    list.push_back({&mapping, mapping.action() == v1::Traffic::reject ? v1::Traffic::reject
                                                                      : v1::Traffic::block});
  }
  for (const v1::PortMapping& mapping : written.allow()) {
    list.push_back({&mapping, v1::Traffic::allow});
  }
  return Spell(configuration, policy, list, LocalSide::kFrom);
}

std::vector<std::string> IcmpOptionsOf(const v1::Names& written) {
  std::vector<std::string> names;
  for (const std::string& name : written.items()) {
    if (name == kAllIcmpOptionsName) {
      names.clear();
      for (const IcmpOption option : AllIcmpOptions()) names.emplace_back(IcmpOptionName(option));
      return names;
    }
    // Agents know each option by a single name, so synonyms are replaced.
    if (const auto option = ParseIcmpOption(name); option.has_value()) {
      names.emplace_back(IcmpOptionName(*option));
    }
  }
  return names;
}

// Translates the settings of the policy or of one of its sections. A list that was given stays,
// even if it is empty.
template <typename Source>
v1::Settings Translate(const Configuration& configuration, const std::string& policy,
                       const Source& source) {
  v1::Settings settings;
  if (source.firewall() != v1::Firewall::unspecified) {
    settings.set_firewall(source.firewall());
    settings.set_firewall_policy(policy);
  }
  if (source.has_port_mappings()) {
    *settings.mutable_inbound() = SpellInbound(configuration, policy, source.port_mappings());
  }
  if (source.has_icmp()) {
    settings.mutable_icmp();
    for (std::string& name : IcmpOptionsOf(source.icmp())) {
      settings.mutable_icmp()->add_items(std::move(name));
    }
    settings.set_icmp_policy(policy);
  }
  if (source.outbound().default_() != v1::Traffic::unspecified) {
    settings.set_outbound_default(source.outbound().default_());
    settings.set_outbound_default_policy(policy);
  }
  if (source.unsolicited() != v1::Unsolicited::unspecified) {
    settings.set_unsolicited(source.unsolicited());
    settings.set_unsolicited_policy(policy);
  }
  if (source.has_outbound()) {
    *settings.mutable_outbound() = SpellOutbound(configuration, policy, source.outbound());
  }
  return settings;
}

// Moves the items to the end of the other list.
void Append(v1::Mappings& from, v1::Mappings& to) {
  for (v1::Mapping& mapping : *from.mutable_items()) *to.add_items() = std::move(mapping);
}

}  // namespace

v1::Settings SettingsOf(const Configuration& configuration, const v1::Policy& policy) {
  v1::Settings settings = Translate(configuration, policy.name(), policy);
  // For a policy as a whole, an empty list means the same as none.
  if (settings.inbound().items().empty()) settings.clear_inbound();
  if (settings.outbound().items().empty()) settings.clear_outbound();
  if (policy.has_helpers()) {
    for (const std::string& text : policy.helpers().items()) {
      const auto parsed = ParseConntrackHelper(text);
      for (const v1::Helper& helper : parsed.ok() ? *parsed : std::vector<v1::Helper>()) {
        *settings.mutable_helpers()->add_items() = helper;
      }
    }
    settings.mutable_helpers();
    settings.set_helpers_policy(policy.name());
  }
  if (policy.has_flows()) *settings.mutable_flows() = policy.flows();
  if (v1::Mappings rules = SpellForwarding(configuration, policy.name(), policy.forward());
      !rules.items().empty()) {
    *settings.mutable_forward() = std::move(rules);
  }
  if (policy.forward().default_() != v1::Traffic::unspecified) {
    settings.set_forward_default(policy.forward().default_());
    settings.set_forward_default_policy(policy.name());
  }
  return settings;
}

v1::HostSettings HostSettingsOf(const v1::Policy& policy) {
  v1::HostSettings settings;
  if (policy.local_control() != v1::LocalControl::unspecified) {
    settings.set_local_control(policy.local_control());
    settings.set_local_control_policy(policy.name());
  }
  if (policy.has_logging()) {
    *settings.mutable_logging() = policy.logging();
    settings.set_logging_policy(policy.name());
  }
  if (policy.has_sharing()) {
    *settings.mutable_sharing() = policy.sharing();
    settings.set_sharing_policy(policy.name());
  }
  if (policy.has_hardening()) {
    *settings.mutable_hardening() =
        Harden(policy.hardening(), policy.name(), /*of_interface=*/false);
  }
  return settings;
}

void AddLower(const v1::HostSettings& lower, v1::HostSettings& settings) {
  if (settings.local_control() == v1::LocalControl::unspecified) {
    settings.set_local_control(lower.local_control());
    settings.set_local_control_policy(lower.local_control_policy());
  }
  if (lower.has_logging()) {
    // Values that are set already overwrite the lower policy's.
    v1::Logging logging = lower.logging();
    logging.MergeFrom(settings.logging());
    if (!settings.has_logging()) settings.set_logging_policy(lower.logging_policy());
    *settings.mutable_logging() = std::move(logging);
  }
  if (!settings.has_sharing() && lower.has_sharing()) {
    *settings.mutable_sharing() = lower.sharing();
    settings.set_sharing_policy(lower.sharing_policy());
  }
  if (lower.has_hardening()) AddLower(lower.hardening(), *settings.mutable_hardening());
}

v1::InterfaceLayer SectionOf(const Configuration& configuration, const v1::Policy& policy,
                             const v1::InterfaceSettings& section) {
  v1::InterfaceLayer layer;
  *layer.mutable_match() = section.match();
  *layer.mutable_settings() = Translate(configuration, policy.name(), section);
  if (section.has_hardening()) {
    *layer.mutable_settings()->mutable_hardening() =
        Harden(section.hardening(), policy.name(), /*of_interface=*/true);
  }
  return layer;
}

void AddLower(v1::Settings lower, v1::Settings& settings) {
  if (settings.firewall() == v1::Firewall::unspecified) {
    settings.set_firewall(lower.firewall());
    settings.set_firewall_policy(lower.firewall_policy());
  }
  if (settings.unsolicited() == v1::Unsolicited::unspecified) {
    settings.set_unsolicited(lower.unsolicited());
    settings.set_unsolicited_policy(lower.unsolicited_policy());
  }
  if (!settings.has_icmp() && lower.has_icmp()) {
    *settings.mutable_icmp() = std::move(*lower.mutable_icmp());
    settings.set_icmp_policy(lower.icmp_policy());
  }
  if (settings.outbound_default() == v1::Traffic::unspecified) {
    settings.set_outbound_default(lower.outbound_default());
    settings.set_outbound_default_policy(lower.outbound_default_policy());
  }
  if (!settings.has_helpers() && lower.has_helpers()) {
    *settings.mutable_helpers() = std::move(*lower.mutable_helpers());
    settings.set_helpers_policy(lower.helpers_policy());
  }
  if (lower.has_flows()) {
    // Values that are set already overwrite the lower policy's.
    v1::Flows flows = lower.flows();
    flows.MergeFrom(settings.flows());
    *settings.mutable_flows() = std::move(flows);
  }
  if (settings.forward_default() == v1::Traffic::unspecified) {
    settings.set_forward_default(lower.forward_default());
    settings.set_forward_default_policy(lower.forward_default_policy());
  }
  if (lower.has_forward()) Append(*lower.mutable_forward(), *settings.mutable_forward());
  if (lower.has_inbound()) Append(*lower.mutable_inbound(), *settings.mutable_inbound());
  if (lower.has_outbound()) Append(*lower.mutable_outbound(), *settings.mutable_outbound());
}

}  // namespace firebreak::policy
