#include "policy/resources/resolve.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/resources/names.h"
#include "policy/resources/ports.h"
#include "policy/resources/prefix.h"
#include "policy/resources/protocols.h"
#include "policy/resources/service_catalogue.h"

namespace firebreak::policy {
namespace {

constexpr size_t kMaxNamedPorts = 3;  // more would make names long, and say little

std::string DefaultName(const v1::PortMapping& mapping) {
  if (!mapping.service().empty()) return mapping.service();
  const absl::StatusOr<uint8_t> protocol = ParseProtocol(mapping.protocol());
  std::string name = protocol.ok() ? ProtocolText(*protocol) : "mapping";
  if (std::all_of(name.begin(), name.end(), absl::ascii_isdigit)) name = "protocol-" + name;
  std::vector<std::string> ports;
  for (const std::string& text : mapping.ports()) {
    if (ports.size() == kMaxNamedPorts) break;
    if (const auto parsed = ParsePorts(text); parsed.ok()) ports.push_back(PortsText(*parsed));
  }
  if (!ports.empty()) absl::StrAppend(&name, "-", absl::StrJoin(ports, "_"));
  return name;
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
  const absl::StatusOr<uint8_t> protocol = ParseProtocol(mapping.protocol());
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

std::vector<v1::Prefix> PrefixesOf(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  std::vector<v1::Prefix> prefixes;
  for (const std::string& text : texts) {
    const absl::StatusOr<Prefix> parsed = ParsePrefix(text);
    if (!parsed.ok()) continue;
    v1::Prefix& prefix = prefixes.emplace_back();
    prefix.set_address(parsed->address);
    prefix.set_length(static_cast<uint32_t>(parsed->length));
  }
  return prefixes;
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
