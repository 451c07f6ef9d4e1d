#include "policy/merge/settings.h"

#include <utility>
#include <vector>

#include "policy/resources/conntrack_helpers.h"
#include "policy/resources/forward.h"
#include "policy/resources/icmp_options.h"
#include "policy/resources/resolve.h"
#include "policy/resources/service_catalogue.h"

namespace firebreak::policy {
namespace {

struct Written {
  const v1::PortMapping* mapping;
  v1::Traffic::Action action;
};

// Spells the mappings of one list out: all that block come before all that allow, so that their
// order in the file means nothing.
v1::Mappings Spell(const Configuration& configuration, const std::string& policy,
                   const std::vector<Written>& list) {
  std::vector<const v1::PortMapping*> pointers;
  pointers.reserve(list.size());
  for (const Written& written : list) pointers.push_back(written.mapping);
  const std::vector<std::string> names = MappingNames(pointers);
  v1::Mappings mappings;
  for (const v1::Traffic::Action action : {v1::Traffic::block, v1::Traffic::allow}) {
    for (size_t i = 0; i < list.size(); ++i) {
      if (list[i].action != action) continue;
      const v1::PortMapping& written = *list[i].mapping;
      v1::Mapping& mapping = *mappings.add_items();
      mapping.set_name(names[i]);
      mapping.set_policy(policy);
      mapping.set_action(action);
      for (v1::PortRange& range : PortRangesOf(configuration, written)) {
        *mapping.add_ports() = std::move(range);
      }
      for (v1::Prefix& prefix :
           PrefixesOf(written.from().empty() ? written.to() : written.from())) {
        *mapping.add_remote() = std::move(prefix);
      }
      if (const auto forward = ParseForward(written.forward_to()); forward.ok()) {
        *mapping.mutable_forward() = *forward;
      }
      mapping.set_proxy_handshake(written.handshake() == v1::Handshake::proxy);
      for (const std::string& response : written.responses()) {
        if (const auto ports = ParseServicePort(response); ports.ok()) {
          *mapping.add_responses() = *ports;
        }
      }
    }
  }
  return mappings;
}

v1::Mappings SpellInbound(const Configuration& configuration, const std::string& policy,
                          const v1::PortMappings& written) {
  std::vector<Written> list;
  for (const v1::PortMapping& mapping : written.items()) {
    list.push_back({&mapping, mapping.action() == v1::Traffic::block ? v1::Traffic::block
                                                                     : v1::Traffic::allow});
  }
  return Spell(configuration, policy, list);
}

v1::Mappings SpellOutbound(const Configuration& configuration, const std::string& policy,
                           const v1::Outbound& written) {
  std::vector<Written> list;
  for (const v1::PortMapping& mapping : written.allow())
    list.push_back({&mapping, v1::Traffic::allow});
  for (const v1::PortMapping& mapping : written.block())
    list.push_back({&mapping, v1::Traffic::block});
  return Spell(configuration, policy, list);
}

// Of the policy or of one of its sections. A list is there if it was given, even as empty.
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
    for (const std::string& name : source.icmp().items()) {
      // Agents know the options by one name each.
      if (const auto option = ParseIcmpOption(name); option.has_value()) {
        settings.mutable_icmp()->add_items(std::string(IcmpOptionName(*option)));
      }
    }
    settings.set_icmp_policy(policy);
  }
  if (source.outbound().default_() != v1::Traffic::unspecified) {
    settings.set_outbound_default(source.outbound().default_());
    settings.set_outbound_default_policy(policy);
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
  // Here an empty list says no more than none.
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
  return settings;
}

void AddLower(const v1::HostSettings& lower, v1::HostSettings& settings) {
  if (settings.local_control() == v1::LocalControl::unspecified) {
    settings.set_local_control(lower.local_control());
    settings.set_local_control_policy(lower.local_control_policy());
  }
  if (lower.has_logging()) {
    // What is set already overwrites the lower policy's.
    v1::Logging logging = lower.logging();
    logging.MergeFrom(settings.logging());
    if (!settings.has_logging()) settings.set_logging_policy(lower.logging_policy());
    *settings.mutable_logging() = std::move(logging);
  }
  if (!settings.has_sharing() && lower.has_sharing()) {
    *settings.mutable_sharing() = lower.sharing();
    settings.set_sharing_policy(lower.sharing_policy());
  }
}

v1::InterfaceLayer SectionOf(const Configuration& configuration, const v1::Policy& policy,
                             const v1::InterfaceSettings& section) {
  v1::InterfaceLayer layer;
  *layer.mutable_match() = section.match();
  *layer.mutable_settings() = Translate(configuration, policy.name(), section);
  return layer;
}

void AddLower(v1::Settings lower, v1::Settings& settings) {
  if (settings.firewall() == v1::Firewall::unspecified) {
    settings.set_firewall(lower.firewall());
    settings.set_firewall_policy(lower.firewall_policy());
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
    // What is set already overwrites the lower policy's.
    v1::Flows flows = lower.flows();
    flows.MergeFrom(settings.flows());
    *settings.mutable_flows() = std::move(flows);
  }
  if (lower.has_inbound()) Append(*lower.mutable_inbound(), *settings.mutable_inbound());
  if (lower.has_outbound()) Append(*lower.mutable_outbound(), *settings.mutable_outbound());
}

}  // namespace firebreak::policy
