// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/resolve.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "policy/resources/address_list.h"
#include "policy/resources/icmp_types.h"
#include "policy/resources/names.h"
#include "policy/resources/ports.h"
#include "policy/resources/protocols.h"
#include "policy/resources/rate.h"
#include "policy/resources/service_catalogue.h"

namespace firebreak::policy {
namespace {

constexpr size_t kMaxNamedPorts = 3;  // more ports would make the name long

// Returns a name such as "tcp-80_443", "tcp-53_udp-53", "icmp-echo-request" or "any".
std::string DefaultName(const v1::PortMapping& mapping) {
  if (!mapping.service().empty()) return mapping.service();
  const absl::StatusOr<uint8_t> protocol = ParseMappingProtocol(mapping.protocol());
  std::string name = protocol.ok() ? ProtocolText(*protocol) : "";
  if (!name.empty() && std::all_of(name.begin(), name.end(), absl::ascii_isdigit)) {
    name = "protocol-" + name;
  }
  std::vector<std::string> parts;
  for (const std::string& text : mapping.ports()) {
    if (parts.size() == kMaxNamedPorts) break;
    if (mapping.protocol().empty()) {
      if (ParseServicePort(text).ok()) parts.push_back(absl::StrReplaceAll(text, {{"/", "-"}}));
    } else if (const auto parsed = ParsePorts(text); parsed.ok()) {
      parts.push_back(PortsText(*parsed));
    }
  }
  for (const v1::IcmpKind& kind : IcmpKindsOf(mapping)) {
    if (parts.size() == kMaxNamedPorts) break;
    parts.push_back(absl::StrReplaceAll(IcmpKindText(kind), {{"/", "."}}));
  }
  if (!parts.empty()) {
    absl::StrAppend(&name, name.empty() ? "" : "-", absl::StrJoin(parts, "_"));
  }
  if (name.empty()) name = "mapping";
  name = absl::AsciiStrToLower(name.substr(0, kMaxNameBytes));
  return CheckName(name).ok() ? name : "mapping";
}

std::vector<v1::Prefix> Spelled(const InternedStrings& list, const InternedStrings& except) {
  return SpellAddresses(list, except, kMostSpelledPrefixes).value_or(std::vector<v1::Prefix>());
}

}  // namespace

std::vector<v1::PortRange> PortRangesOf(const Configuration& configuration,
                                        const v1::PortMapping& mapping) {
  if (!mapping.service().empty()) {
    if (const BuiltInService* service = FindBuiltInService(mapping.service())) {
      return PortsOf(*service);
    }
    const v1::Service* service = configuration.FindService(mapping.service());
    return service == nullptr ? std::vector<v1::PortRange>() : PortsOf(*service);
  }
  std::vector<v1::PortRange> ranges;
  if (mapping.protocol().empty()) {
    for (const std::string& text : mapping.ports()) {
      if (const auto range = ParseServicePort(text); range.ok()) ranges.push_back(*range);
    }
    return ranges;
  }
  const absl::StatusOr<uint8_t> protocol = ParseMappingProtocol(mapping.protocol());
  if (!protocol.ok()) return ranges;
  const auto add = [&](const Ports& ports) {
    v1::PortRange& range = ranges.emplace_back();
    range.set_protocol(*protocol);
    range.set_first(ports.first);
    range.set_last(ports.last);
  };
  if (!HasPorts(*protocol)) add(kAllPorts);
  if (HasPorts(*protocol)) {
    for (const std::string& text : mapping.ports()) {
      if (const auto ports = ParsePorts(text); ports.ok()) add(*ports);
    }
  }
  return ranges;
}

std::vector<v1::IcmpKind> IcmpKindsOf(const v1::PortMapping& mapping) {
  std::vector<v1::IcmpKind> kinds;
  const absl::StatusOr<uint8_t> protocol = ParseMappingProtocol(mapping.protocol());
  if (!protocol.ok() || !IsIcmp(*protocol)) return kinds;
  for (const std::string& text : mapping.types()) {
    if (const auto kind = ParseIcmpKind(text, *protocol); kind.ok()) kinds.push_back(*kind);
  }
  return kinds;
}

std::vector<v1::PortSpan> SourcePortsOf(const v1::PortMapping& mapping) {
  std::vector<v1::PortSpan> spans;
  for (const std::string& text : mapping.source_ports()) {
    const absl::StatusOr<Ports> ports = ParsePorts(text);
    if (!ports.ok()) continue;
    v1::PortSpan& span = spans.emplace_back();
    span.set_first(ports->first);
    span.set_last(ports->last);
  }
  return spans;
}

std::vector<v1::Prefix> SendersOf(const v1::PortMapping& mapping) {
  return Spelled(mapping.from(), mapping.from_except());
}

std::vector<v1::Prefix> ReceiversOf(const v1::PortMapping& mapping) {
  return Spelled(mapping.to(), mapping.to_except());
}

std::optional<v1::Limit> LimitOf(const v1::PortMapping& mapping) {
  constexpr uint32_t kBurst = 5;
  const absl::StatusOr<Rate> rate = ParseRate(mapping.limit().rate());
  if (!mapping.has_limit() || !rate.ok()) return std::nullopt;
  v1::Limit limit;
  limit.set_flows(rate->count);
  limit.set_seconds(rate->seconds);
  limit.set_burst(mapping.limit().has_burst() ? mapping.limit().burst() : kBurst);
  limit.set_per_source(mapping.limit().per() == v1::Per::source);
  return limit;
}

std::optional<v1::MostFlows> MostFlowsOf(const v1::PortMapping& mapping) {
  if (!mapping.has_connections()) return std::nullopt;
  v1::MostFlows most;
  most.set_max(mapping.connections().max());
  most.set_per_source(mapping.connections().per() == v1::Per::source);
  return most;
}

std::optional<v1::MappingLog> LogOf(const v1::PortMapping& mapping) {
  if (!mapping.log()) return std::nullopt;
  v1::MappingLog log;
  if (const absl::StatusOr<Rate> rate = ParseRate(mapping.log_rate()); rate.ok()) {
    log.set_records(rate->count);
    log.set_seconds(rate->seconds);
  }
  return log;
}

std::vector<std::string> MappingNames(std::span<const v1::PortMapping* const> mappings) {
  absl::flat_hash_set<std::string> taken;
  for (const v1::PortMapping* mapping : mappings) {
    if (!mapping->name().empty()) taken.insert(mapping->name());
  }
  std::vector<std::string> names;
  names.reserve(mappings.size());
  absl::flat_hash_map<std::string, int> last_suffix;
  for (const v1::PortMapping* mapping : mappings) {
    if (!mapping->name().empty()) {
      names.push_back(mapping->name());
      continue;
    }
    const std::string base = DefaultName(*mapping);
    std::string name = base;
    int& suffix = last_suffix.try_emplace(base, 1).first->second;
    while (!taken.insert(name).second) {
      const std::string end = absl::StrCat("-", ++suffix);
      name = absl::StrCat(base.substr(0, kMaxNameBytes - end.size()), end);
    }
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace firebreak::policy
