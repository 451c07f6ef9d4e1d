// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/mappings.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/address/address.h"
#include "policy/merge/expiring.h"
#include "policy/merge/local_mapping.h"
#include "policy/merge/local_switch.h"
#include "policy/merge/profile.h"
#include "policy/resources/icmp_options.h"
#include "policy/resources/icmp_types.h"
#include "policy/resources/ports.h"
#include "policy/resources/prefix.h"
#include "policy/resources/protocols.h"
#include "policy/resources/rate.h"

namespace firebreak::agent {
namespace {

constexpr size_t kPartMappings = 200;

using Names = std::vector<std::string>;

std::string PortsText(const v1::PortRange& range) {
  const auto protocol = static_cast<uint8_t>(range.protocol());
  const std::string name = policy::ProtocolText(protocol);
  if (!policy::HasPorts(protocol)) return name;
  if (range.first() == 0 && range.last() == 65535) return absl::StrCat(name, "/any");
  if (range.first() == range.last()) return absl::StrCat(name, "/", range.first());
  return absl::StrCat(name, "/", range.first(), "-", range.last());
}

std::string ForwardText(const v1::Forward& forward) {
  std::string address = AddressText(forward.address());
  if (absl::StrContains(address, ':')) address = absl::StrCat("[", address, "]");
  return forward.port() == 0 ? address : absl::StrCat(address, ":", forward.port());
}

std::string PrefixText(const v1::Prefix& prefix) {
  return policy::PrefixText(
      {.address = prefix.address(), .length = static_cast<int>(prefix.length())});
}

// "eth0, type vpn"; empty: any.
std::string MatchText(const v1::InterfaceMatch& match) {
  std::vector<std::string> parts(match.names().begin(), match.names().end());
  for (const std::string& type : match.types()) parts.push_back(absl::StrCat("type ", type));
  return absl::StrJoin(parts, ", ");
}

const char* ModeText(v1::Firewall::Mode mode) {
  switch (mode) {
    case v1::Firewall::off: return "off";
    case v1::Firewall::observe: return "observe";
    default: return "on";
  }
}

// The mappings of one profile, for the interfaces that have it.
class Describer {
 public:
  Describer(const v1::EffectiveLocation& location, const policy::Profile& profile,
            const Names& interfaces, const Snapshot& host, std::vector<v1::HostMapping>& out)
      : location_(location), profile_(profile), interfaces_(interfaces), host_(host), out_(out) {}

  void Describe() {
    for (const v1::Mapping* mapping : profile_.inbound) Add("in", *mapping);
    for (const policy::IcmpOption option : profile_.icmp) {
      v1::HostMapping& described = Begin("in");
      described.set_name(std::string(policy::IcmpOptionName(option)));
      described.set_policy(profile_.icmp_policy);
      described.set_action("allow");
      described.add_ports("icmp");
      if (profile_.icmp_policy == policy::kLocalPolicy) AddOption(described);
    }
    if (profile_.unsolicited == v1::Unsolicited::reject) {
      v1::HostMapping& described = Begin("in");
      described.set_name("unsolicited");
      described.set_policy(profile_.unsolicited_policy);
      described.set_action("reject");
      described.add_ports("any");
    }
    for (const v1::Mapping* mapping : profile_.outbound) Add("out", *mapping);
    if (profile_.outbound_default != v1::Traffic::allow) {
      v1::HostMapping& described = Begin("out");
      described.set_name("default");
      described.set_policy(profile_.outbound_default_policy);
      described.set_action(v1::Traffic::Action_Name(profile_.outbound_default));
      described.add_ports("any");
    }
    DescribeForwarding();
  }

 private:
  // What is routed, and comes in by these interfaces.
  void DescribeForwarding() {
    for (const v1::Mapping* rule : profile_.forward) {
      v1::HostMapping& described = Add("forward", *rule);
      if (rule->ports().empty()) described.add_ports("any");
      described.set_in_interfaces(MatchText(rule->in()));
      described.set_out_interfaces(MatchText(rule->out()));
      described.set_description(rule->description());
      for (const v1::Prefix& prefix : rule->local()) described.add_local(PrefixText(prefix));
    }
    if (profile_.forward_default == v1::Traffic::unspecified) return;
    v1::HostMapping& described = Begin("forward");
    described.set_name("default");
    described.set_policy(profile_.forward_default_policy);
    described.set_action(profile_.forward_default == v1::Traffic::allow ? "allow" : "block");
    described.add_ports("any");
  }

  v1::HostMapping& Begin(const char* direction) {
    v1::HostMapping& described = out_.emplace_back();
    described.set_location(location_.name());
    for (const std::string& interface : interfaces_) described.add_interfaces(interface);
    described.set_direction(direction);
    described.set_firewall(ModeText(profile_.firewall));
    return described;
  }

  v1::HostMapping& Add(const char* direction, const v1::Mapping& mapping) {
    v1::HostMapping& described = Begin(direction);
    described.set_name(mapping.name());
    described.set_policy(mapping.policy());
    described.set_action(
        policy::HasExpired(mapping, now_) ? "expired" : v1::Traffic::Action_Name(mapping.action()));
    for (const v1::PortRange& range : mapping.ports()) AddPorts(mapping, range, described);
    for (const v1::Prefix& prefix : mapping.remote()) described.add_remote(TextOf(prefix));
    for (const v1::Prefix& prefix : mapping.local()) described.add_local(TextOf(prefix));
    for (const v1::PortSpan& span : mapping.source_ports()) {
      described.add_source_ports(policy::PortsText(
          {static_cast<uint16_t>(span.first()), static_cast<uint16_t>(span.last())}));
    }
    AddLimits(mapping, described);
    AddSenders(mapping, described);
    described.set_description(mapping.description());
    if (mapping.expires() != 0) described.mutable_expires()->set_seconds(mapping.expires());
    if (mapping.has_forward()) described.set_forward_to(ForwardText(mapping.forward()));
    for (const v1::PortRange& range : mapping.responses()) {
      described.add_responses(PortsText(range));
    }
    described.set_proxy_handshake(mapping.proxy_handshake());
    if (mapping.policy() == policy::kLocalPolicy) AddGrant(mapping, described);
    return described;
  }

  static std::string TextOf(const v1::Prefix& prefix) {
    return policy::PrefixText(
        {.address = prefix.address(), .length = static_cast<int>(prefix.length())});
  }

  // "tcp/22", "icmp/echo-request".
  static void AddPorts(const v1::Mapping& mapping, const v1::PortRange& range,
                       v1::HostMapping& described) {
    const auto kinds = static_cast<uint32_t>(mapping.icmp_size());
    if (kinds == 0 || !policy::IsIcmp(static_cast<uint8_t>(range.protocol()))) {
      described.add_ports(PortsText(range));
    }
    for (const v1::IcmpKind& kind : mapping.icmp()) {
      if (kind.protocol() != range.protocol()) continue;
      described.add_ports(absl::StrCat(policy::ProtocolText(static_cast<uint8_t>(kind.protocol())),
                                       "/", policy::IcmpKindText(kind)));
    }
  }

  static void AddLimits(const v1::Mapping& mapping, v1::HostMapping& described) {
    if (mapping.has_limit()) {
      const v1::Limit& limit = mapping.limit();
      described.set_limit(absl::StrCat(policy::RateText({limit.flows(), limit.seconds()}),
                                       limit.per_source() ? " per source" : "", ", burst ",
                                       limit.burst()));
    }
    if (mapping.has_connections()) {
      described.set_connections(absl::StrCat(
          mapping.connections().max(), mapping.connections().per_source() ? " per source" : ""));
    }
    if (mapping.has_log()) {
      const v1::MappingLog& log = mapping.log();
      described.set_log(log.records() == 0 ? "all"
                                           : policy::RateText({log.records(), log.seconds()}));
    }
  }

  void AddGrant(const v1::Mapping& mapping, v1::HostMapping& described) const {
    const v1::LocalMapping* const own = policy::FindLocalMapping(host_.mappings, mapping.name());
    if (own == nullptr) return;
    described.set_program(absl::StrCat(own->program(), ", of ", own->user()));
    described.set_grant(absl::StrCat(own->number(), ", by ", own->granted_by()));
  }

  // Who has set what of ICMP is let in, and why.
  void AddOption(v1::HostMapping& described) const {
    const v1::LocalSwitch* const own =
        policy::FindSwitch(host_.switches, policy::SwitchSubject::kIcmp,
                           interfaces_.empty() ? "" : interfaces_.front(), location_.name());
    if (own == nullptr) return;
    described.set_description(own->reason());
    described.set_program(absl::StrCat(own->program(), ", of ", own->user()));
  }

  static void AddSenders(const v1::Mapping& mapping, v1::HostMapping& described) {
    for (const std::string& name : mapping.users()) {
      described.add_programs(absl::StrCat("user ", name));
    }
    for (const std::string& name : mapping.user_groups()) {
      described.add_programs(absl::StrCat("group ", name));
    }
    for (const std::string& name : mapping.units()) {
      described.add_programs(absl::StrCat("unit ", name));
    }
  }

  const int64_t now_ = absl::ToUnixSeconds(absl::Now());
  const v1::EffectiveLocation& location_;
  const policy::Profile& profile_;
  const Names& interfaces_;
  const Snapshot& host_;
  std::vector<v1::HostMapping>& out_;
};

}  // namespace

std::vector<v1::HostMapping> DescribeMappings(const Snapshot& host, bool everywhere) {
  std::vector<v1::HostMapping> mappings;
  if (!host.policy.managed()) return mappings;
  for (const v1::EffectiveLocation& location : host.policy.locations()) {
    // By the sections that hold: equal sections, equal profiles.
    std::map<std::vector<int>, std::pair<policy::Profile, Names>> profiles;
    for (const Link& link : host.links) {
      if (link.type == "loopback" || host.LocationOf(link.name) != &location) continue;
      policy::Profile profile = policy::ProfileOf(location, link.name, link.type);
      auto& entry = profiles[profile.sections];
      entry.first = std::move(profile);
      entry.second.push_back(link.name);
    }
    if (profiles.empty() && everywhere) {
      policy::Profile base = policy::BaseProfileOf(location);
      profiles[base.sections].first = base;
    }
    for (const auto& [sections, entry] : profiles) {
      Describer(location, entry.first, entry.second, host, mappings).Describe();
    }
  }
  return mappings;
}

void AnswerMappings(std::shared_ptr<Reply> reply, const Snapshot& host) {
  auto mappings = std::make_shared<std::vector<v1::HostMapping>>(
      DescribeMappings(host, reply->question().mappings().everywhere()));
  Reply::Pull(std::move(reply), [mappings, at = size_t{0}]() mutable {
    v1::Answer part;
    part.mutable_mappings();
    for (size_t i = 0; i < kPartMappings && at < mappings->size(); ++i) {
      *part.mutable_mappings()->add_mappings() = std::move((*mappings)[at++]);
    }
    part.set_last(at == mappings->size());
    return part;
  });
}

}  // namespace firebreak::agent
