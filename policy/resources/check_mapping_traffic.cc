// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "policy/resources/check_mapping.h"
#include "policy/resources/icmp_types.h"
#include "policy/resources/names.h"
#include "policy/resources/nearest.h"
#include "policy/resources/ports.h"
#include "policy/resources/protocols.h"
#include "policy/resources/resolve.h"
#include "policy/resources/service_catalogue.h"

namespace firebreak::policy {
namespace {

constexpr int kMaxPortsOfMapping = 1000;
constexpr int kMaxTypes = 64;

class TrafficCheck {
 public:
  explicit TrafficCheck(const CheckedMapping& checked)
      : checked_(checked), mapping_(checked.mapping), findings_(checked.findings) {}

  void Check() {
    if (!mapping_.service().empty() && !mapping_.protocol().empty()) {
      findings_.Add(Field("protocol"),
                    "a mapping has either a \"service\" or a \"protocol\", not both");
    } else if (!mapping_.service().empty()) {
      CheckServiceName();
    } else if (!mapping_.protocol().empty()) {
      CheckProtocolAndPorts();
    } else if (!mapping_.ports().empty()) {
      CheckPortsWithProtocol();
    } else {
      findings_.AddMissing(checked_.path,
                           "the mapping has neither a \"service\" nor a \"protocol\" and "
                           "\"ports\"; for all traffic write \"protocol: any\"");
    }
    CheckTypes();
    CheckSourcePorts();
  }

 private:
  FieldPath Field(absl::string_view field, int index = -1) const {
    return {checked_.path, field, index};
  }

  void CheckServiceName() {
    if (!mapping_.ports().empty()) {
      findings_.Add(Field("ports"),
                    "the service has the ports; for others give a \"protocol\" in its place");
    }
    const Configuration& configuration = checked_.references.configuration;
    if (FindBuiltInService(mapping_.service()) != nullptr ||
        configuration.FindService(mapping_.service()) != nullptr) {
      return;
    }
    std::vector<std::string> names;
    for (const BuiltInService& service : BuiltInServices()) names.emplace_back(service.name);
    for (const auto& [key, resource] : configuration.resources()) {
      if (resource->has_service()) names.push_back(resource->service().name());
    }
    const std::string nearest = DidYouMean(mapping_.service(), names);
    findings_.Add(Field("service"),
                  absl::StrCat("unknown service ", Quoted(mapping_.service()),
                               nearest.empty() ? "; give its protocol and ports, or apply a "
                                                 "Service of that name"
                                               : nearest));
  }

  bool HasTooManyPorts() {
    if (mapping_.ports_size() <= kMaxPortsOfMapping) return false;
    findings_.Add(Field("ports"), absl::StrCat("the mapping has more than ", kMaxPortsOfMapping,
                                               " ports and ranges; make several of it"));
    return true;
  }

  void CheckProtocolAndPorts() {
    const absl::StatusOr<uint8_t> protocol = ParseMappingProtocol(mapping_.protocol());
    if (!protocol.ok()) {
      findings_.Add(Field("protocol"), protocol.status());
    } else if (IsIcmp(*protocol) && !mapping_.ports().empty()) {
      findings_.Add(Field("ports"), absl::StrCat("protocol ", mapping_.protocol(),
                                                 " has no ports but \"types\", such as "
                                                 "[echo-request]"));
      return;
    } else if (!HasPorts(*protocol) && !mapping_.ports().empty()) {
      findings_.Add(Field("ports"), absl::StrCat("protocol ", mapping_.protocol(),
                                                 " has no ports; leave them out"));
      return;
    } else if (HasPorts(*protocol) && mapping_.ports().empty()) {
      findings_.AddMissing(checked_.path,
                           absl::StrCat("the mapping has no \"ports\", which ", mapping_.protocol(),
                                        " needs; for all of them write 1-65535"));
    }
    if (HasTooManyPorts()) return;
    for (int i = 0; i < mapping_.ports_size(); ++i) {
      const std::string& text = mapping_.ports(i);
      if (protocol.ok() && text.find('/') != std::string::npos && ParseServicePort(text).ok()) {
        findings_.Add(Field("ports", i),
                      absl::StrCat(Quoted(text),
                                   " says its protocol, and \"protocol\" says one "
                                   "too; leave \"protocol\" out, and write it at "
                                   "each of the ports"));
        continue;
      }
      findings_.Add(Field("ports", i), ParsePorts(text).status());
    }
  }

  void CheckPortsWithProtocol() {
    if (HasTooManyPorts()) return;
    for (int i = 0; i < mapping_.ports_size(); ++i) {
      const std::string& text = mapping_.ports(i);
      if (ParsePorts(text).ok()) {
        findings_.Add(Field("ports", i),
                      absl::StrCat("port ", Quoted(text), " is of no protocol: write \"tcp/", text,
                                   "\", or give the mapping a \"protocol\""));
        continue;
      }
      findings_.Add(Field("ports", i), ParseServicePort(text).status());
    }
  }

  // Whether IPv6 needs the type to work. These types pass whatever a policy says, so a mapping
  // cannot block them.
  bool IsEssential(const v1::IcmpKind& kind) const {
    constexpr uint32_t kIcmpv6 = 58, kRouterSolicitation = 133, kRouterAdvertisement = 134;
    if (kind.protocol() != kIcmpv6) return false;
    std::set<uint32_t> essential = {2, 131, 132, 135, 136, 143};
    if (checked_.list == MappingList::kInbound) {
      essential.insert({130, kRouterAdvertisement});
    } else {
      essential.insert(kRouterSolicitation);
    }
    return essential.contains(kind.type());
  }

  // Whether the type is an error. Errors belong to the flows that they are about, and `icmp` says
  // which errors the host sends.
  static bool IsError(const v1::IcmpKind& kind) {
    const std::set<uint32_t> errors = kind.protocol() == 1 ? std::set<uint32_t>{3, 4, 5, 11, 12}
                                                           : std::set<uint32_t>{1, 3, 4, 137};
    return errors.contains(kind.type());
  }

  void CheckTypes() {
    if (mapping_.types().empty()) return;
    const absl::StatusOr<uint8_t> protocol = ParseMappingProtocol(mapping_.protocol());
    if (!protocol.ok() || !IsIcmp(*protocol)) {
      findings_.Add(Field("types"),
                    "types are those of ICMP: give the mapping \"protocol: icmp\" or \"icmpv6\"");
      return;
    }
    if (mapping_.types_size() > kMaxTypes) {
      findings_.Add(Field("types"), absl::StrCat("more than ", kMaxTypes, " types"));
      return;
    }
    for (int i = 0; i < mapping_.types_size(); ++i) {
      const auto kind = ParseIcmpKind(mapping_.types(i), *protocol);
      if (!kind.ok()) {
        findings_.Add(Field("types", i), kind.status());
      } else if (IsEssential(*kind) && (!checked_.Admits() || mapping_.has_limit())) {
        findings_.Add(Field("types", i),
                      absl::StrCat(Quoted(mapping_.types(i)),
                                   " is one that IPv6 cannot live without: it always passes, and "
                                   "cannot be blocked or limited"));
      } else if (checked_.list == MappingList::kOutbound && IsError(*kind)) {
        findings_.Add(Field("types", i),
                      absl::StrCat(Quoted(mapping_.types(i)),
                                   " is an error: which of them this host sends is said by "
                                   "\"icmp\" of the policy, not by a mapping"));
      }
    }
  }

  void CheckSourcePorts() {
    if (mapping_.source_ports().empty()) return;
    if (mapping_.source_ports_size() > kMaxPortsOfMapping) {
      findings_.Add(Field("source_ports"), absl::StrCat("the mapping has more than ",
                                                        kMaxPortsOfMapping, " source ports"));
      return;
    }
    for (int i = 0; i < mapping_.source_ports_size(); ++i) {
      findings_.Add(Field("source_ports", i), ParsePorts(mapping_.source_ports(i)).status());
    }
    const auto ranges = PortRangesOf(checked_.references.configuration, mapping_);
    const bool without = std::any_of(ranges.begin(), ranges.end(), [](const auto& range) {
      return !HasPorts(static_cast<uint8_t>(range.protocol()));
    });
    if (without) {
      findings_.Add(Field("source_ports"),
                    "source ports are those of protocols with ports: name one, such as tcp or udp");
    }
  }

  const CheckedMapping& checked_;
  const v1::PortMapping& mapping_;
  Findings& findings_;
};

}  // namespace

void CheckTraffic(const CheckedMapping& checked) { TrafficCheck(checked).Check(); }

}  // namespace firebreak::policy
