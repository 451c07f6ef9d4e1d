#include "policy/resources/check_mappings.h"

#include <netinet/in.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "policy/resources/forward.h"
#include "policy/resources/names.h"
#include "policy/resources/nearest.h"
#include "policy/resources/ports.h"
#include "policy/resources/prefix.h"
#include "policy/resources/protocols.h"
#include "policy/resources/resolve.h"
#include "policy/resources/service_catalogue.h"

namespace firebreak::policy {
namespace {

constexpr int kMaxPortsOfMapping = 1000;
constexpr int kMaxPrefixesOfMapping = 10'000;
constexpr int kMaxResponses = 64;

class MappingCheck {
 public:
  MappingCheck(const PlacedMapping& placed, MappingList list, const FieldPath& parent,
               const References& references, Findings& findings)
      : mapping_(*placed.mapping),
        list_(list),
        path_(parent, placed.field, placed.index),
        references_(references),
        findings_(findings) {}

  void Check() {
    if (!mapping_.name().empty()) {
      findings_.Add(FieldPath(path_, "name"), CheckName(mapping_.name()));
    }
    if (!mapping_.service().empty() && !mapping_.protocol().empty()) {
      findings_.Add(FieldPath(path_, "protocol"),
                    "a mapping has either a \"service\" or a \"protocol\", not both");
    } else if (!mapping_.service().empty()) {
      CheckServiceName();
    } else if (!mapping_.protocol().empty()) {
      CheckProtocolAndPorts();
    } else {
      findings_.AddMissing(
          path_, "the mapping has neither a \"service\" nor a \"protocol\" and \"ports\"");
    }
    CheckRemote();
    CheckAction();
    CheckForward();
    CheckHandshake();
    CheckResponses();
  }

 private:
  void CheckServiceName() {
    if (!mapping_.ports().empty()) {
      findings_.Add(FieldPath(path_, "ports"),
                    "the service has the ports; for others give a \"protocol\" in its place");
    }
    if (FindBuiltInService(mapping_.service()) != nullptr ||
        references_.configuration.FindService(mapping_.service()) != nullptr) {
      return;
    }
    std::vector<std::string> names;
    for (const BuiltInService& service : BuiltInServices()) names.emplace_back(service.name);
    for (const auto& [key, resource] : references_.configuration.resources()) {
      if (resource->has_service()) names.push_back(resource->service().name());
    }
    const std::string nearest = DidYouMean(mapping_.service(), names);
    findings_.Add(FieldPath(path_, "service"),
                  absl::StrCat("unknown service ", Quoted(mapping_.service()),
                               nearest.empty() ? "; give its protocol and ports, or apply a "
                                                 "Service of that name"
                                               : nearest));
  }

  void CheckProtocolAndPorts() {
    const absl::StatusOr<uint8_t> protocol = ParseProtocol(mapping_.protocol());
    if (!protocol.ok()) {
      findings_.Add(FieldPath(path_, "protocol"), protocol.status());
    } else if (!HasPorts(*protocol) && !mapping_.ports().empty()) {
      findings_.Add(FieldPath(path_, "ports"), absl::StrCat("protocol ", mapping_.protocol(),
                                                            " has no ports; leave them out"));
      return;
    } else if (HasPorts(*protocol) && mapping_.ports().empty()) {
      findings_.AddMissing(path_,
                           absl::StrCat("the mapping has no \"ports\", which ", mapping_.protocol(),
                                        " needs; for all of them write 1-65535"));
    }
    if (mapping_.ports_size() > kMaxPortsOfMapping) {
      findings_.Add(FieldPath(path_, "ports"),
                    absl::StrCat("the mapping has more than ", kMaxPortsOfMapping,
                                 " ports and ranges; make several of it"));
      return;
    }
    for (int i = 0; i < mapping_.ports_size(); ++i) {
      findings_.Add(FieldPath(path_, "ports", i), ParsePorts(mapping_.ports(i)).status());
    }
  }

  void CheckRemote() {
    const bool inbound = list_ == MappingList::kInbound;
    const auto& wrong = inbound ? mapping_.to() : mapping_.from();
    if (!wrong.empty()) {
      findings_.Add(FieldPath(path_, inbound ? "to" : "from"),
                    inbound ? "\"to\" is for outbound mappings; who may come in is \"from\""
                            : "\"from\" is for inbound mappings; where to is \"to\"");
    }
    const auto& remote = inbound ? mapping_.from() : mapping_.to();
    const absl::string_view field = inbound ? "from" : "to";
    if (remote.size() > kMaxPrefixesOfMapping) {
      findings_.Add(FieldPath(path_, field),
                    absl::StrCat("the mapping has more than ", kMaxPrefixesOfMapping,
                                 " prefixes; make several of it"));
      return;
    }
    for (int i = 0; i < remote.size(); ++i) {
      const absl::Status status = ParsePrefix(remote[i]).status();
      if (!status.ok()) {
        findings_.Add(FieldPath(path_, field, i), absl::StrCat(field, ": ", status.message()));
      }
    }
  }

  void CheckAction() {
    const FieldPath action(path_, "action");
    if (!v1::Traffic::Action_IsValid(mapping_.action())) {
      findings_.Add(action, "unknown action: it is allow or block");
    } else if (list_ == MappingList::kOutbound && mapping_.action() != v1::Traffic::unspecified) {
      findings_.Add(action,
                    "in \"outbound\" the list that a mapping is in says whether it allows "
                    "or blocks; leave \"action\" out");
    }
  }

  bool Blocks() const { return mapping_.action() == v1::Traffic::block; }

  void CheckForward() {
    if (mapping_.forward_to().empty()) return;
    const FieldPath path(path_, "forward_to");
    if (list_ == MappingList::kOutbound || Blocks()) {
      findings_.Add(path, "only what is let in can be sent on; leave \"forward_to\" out");
      return;
    }
    const absl::StatusOr<v1::Forward> forward = ParseForward(mapping_.forward_to());
    if (!forward.ok()) return findings_.Add(path, forward.status());
    for (const v1::PortRange& range : PortRangesOf(references_.configuration, mapping_)) {
      if (!HasPorts(static_cast<uint8_t>(range.protocol())) && forward->port() != 0) {
        findings_.Add(
            path, absl::StrCat("protocol ", ProtocolText(static_cast<uint8_t>(range.protocol())),
                               " has no ports; give the address alone"));
      } else if (range.first() != range.last() && forward->port() != 0) {
        findings_.Add(path,
                      "a range of ports cannot be sent to one port; give the address alone, and "
                      "each keeps its port");
      } else if (forward->address().empty() && range.first() == forward->port()) {
        findings_.Add(path, "this sends the port to itself; leave \"forward_to\" out");
      } else {
        continue;
      }
      return;
    }
    const size_t family = forward->address().size();
    for (int i = 0; i < mapping_.from_size(); ++i) {
      const absl::StatusOr<Prefix> from = ParsePrefix(mapping_.from(i));
      if (family == 0 || !from.ok() || from->address.size() == family) continue;
      findings_.Add(FieldPath(path_, "from", i),
                    absl::StrCat(mapping_.from(i), " and ", mapping_.forward_to(),
                                 " are not of one address family: nothing could be sent on"));
    }
  }

  void CheckHandshake() {
    const FieldPath path(path_, "handshake");
    if (!v1::Handshake::Mode_IsValid(mapping_.handshake())) {
      findings_.Add(path, "unknown mode: it is direct or proxy");
    }
    if (mapping_.handshake() != v1::Handshake::proxy) return;
    if (list_ == MappingList::kOutbound || Blocks()) {
      findings_.Add(path, "a handshake is proxied for what is let in; leave \"handshake\" out");
    } else if (!mapping_.forward_to().empty()) {
      findings_.Add(path,
                    "the kernel's SYN proxy serves this host's own services: it cannot be had "
                    "together with \"forward_to\"");
    } else {
      const auto ranges = PortRangesOf(references_.configuration, mapping_);
      const bool tcp = std::any_of(ranges.begin(), ranges.end(), [](const v1::PortRange& range) {
        return range.protocol() == IPPROTO_TCP;
      });
      if (!tcp && !ranges.empty()) findings_.Add(path, "only TCP has a handshake");
    }
  }

  void CheckResponses() {
    if (mapping_.responses().empty()) return;
    const FieldPath path(path_, "responses");
    if (list_ == MappingList::kInbound) {
      findings_.Add(path,
                    "responses belong to what this host begins: write the mapping into the list "
                    "\"allow\" of \"outbound\"");
    }
    if (mapping_.responses_size() > kMaxResponses) {
      findings_.Add(path, absl::StrCat("more than ", kMaxResponses, " responses"));
      return;
    }
    for (int i = 0; i < mapping_.responses_size(); ++i) {
      findings_.Add(FieldPath(path_, "responses", i),
                    ParseServicePort(mapping_.responses(i)).status());
    }
  }

  const v1::PortMapping& mapping_;
  const MappingList list_;
  const FieldPath path_;
  const References& references_;
  Findings& findings_;
};

std::string OnLine(const std::optional<int>& line) {
  return line.has_value() ? absl::StrCat(" on line ", *line) : "";
}

void CheckUniqueNames(const std::vector<PlacedMapping>& mappings, const FieldPath& parent,
                      Findings& findings) {
  absl::flat_hash_map<absl::string_view, const PlacedMapping*> first_of_name;
  for (const PlacedMapping& placed : mappings) {
    const std::string& name = placed.mapping->name();
    if (name.empty()) continue;
    const auto [found, inserted] = first_of_name.emplace(name, &placed);
    if (inserted) continue;
    const PlacedMapping& first = *found->second;
    const FieldPath earlier(parent, first.field, first.index),
        path(parent, placed.field, placed.index);
    findings.Add(FieldPath(path, "name"),
                 absl::StrCat("there is a mapping ", Quoted(name), " in this list already",
                              OnLine(findings.LineOf(FieldPath(earlier, "name")))));
  }
}

// A protocol, its ports and one prefix, as a key.
std::string CellKey(const v1::PortRange& range, const v1::Prefix* prefix) {
  return absl::StrCat(range.protocol(), "/", range.first(), "-", range.last(), "/",
                      prefix == nullptr ? "" : prefix->address(),
                      prefix == nullptr ? "" : absl::StrCat("/", prefix->length()));
}

std::string CellText(const v1::PortRange& range, const v1::Prefix* prefix) {
  const auto protocol = static_cast<uint8_t>(range.protocol());
  std::string text = ProtocolText(protocol);
  if (HasPorts(protocol)) {
    absl::StrAppend(
        &text, "/",
        PortsText({static_cast<uint16_t>(range.first()), static_cast<uint16_t>(range.last())}));
  }
  if (prefix != nullptr) {
    absl::StrAppend(&text, " and ",
                    PrefixText({prefix->address(), static_cast<int>(prefix->length())}));
  }
  return text;
}

}  // namespace

size_t CheckMappings(const std::vector<PlacedMapping>& mappings, MappingList list,
                     const FieldPath& parent, const References& references, Findings& findings) {
  size_t pairs = 0;
  for (const PlacedMapping& placed : mappings) {
    if (findings.IsFull()) break;
    MappingCheck(placed, list, parent, references, findings).Check();
    const v1::PortMapping& mapping = *placed.mapping;
    const size_t ports = mapping.service().empty()
                             ? static_cast<size_t>(mapping.ports_size())
                             : PortRangesOf(references.configuration, mapping).size();
    const int remote = std::max(mapping.from_size(), mapping.to_size());
    pairs += std::max<size_t>(ports, 1) * static_cast<size_t>(std::max(remote, 1));
  }
  CheckUniqueNames(mappings, parent, findings);
  return pairs;
}

void CheckContradictions(const std::vector<PlacedMapping>& mappings, const FieldPath& parent,
                         const Configuration& configuration, Findings& findings) {
  // Only a list that has both can contradict itself.
  const bool blocks = std::any_of(mappings.begin(), mappings.end(), [](const PlacedMapping& one) {
    return one.action == v1::Traffic::block;
  });
  const bool allows = std::any_of(mappings.begin(), mappings.end(), [](const PlacedMapping& one) {
    return one.action != v1::Traffic::block;
  });
  if (!blocks || !allows) return;

  absl::flat_hash_map<std::string, const PlacedMapping*> cells;
  for (const PlacedMapping& placed : mappings) {
    const PlacedMapping* opposite = nullptr;
    std::string what;
    const auto visit = [&](const v1::PortRange& range, const v1::Prefix* prefix) {
      const PlacedMapping* first = cells.emplace(CellKey(range, prefix), &placed).first->second;
      const bool same =
          (first->action == v1::Traffic::block) == (placed.action == v1::Traffic::block);
      if (same || opposite != nullptr) return;
      opposite = first;
      what = CellText(range, prefix);
    };
    const v1::PortMapping& mapping = *placed.mapping;
    const std::vector<v1::Prefix> prefixes =
        PrefixesOf(mapping.from().empty() ? mapping.to() : mapping.from());
    for (const v1::PortRange& range : PortRangesOf(configuration, mapping)) {
      if (prefixes.empty()) visit(range, nullptr);
      for (const v1::Prefix& prefix : prefixes) visit(range, &prefix);
    }
    if (opposite == nullptr) continue;
    const FieldPath other(parent, opposite->field, opposite->index);
    findings.Add(FieldPath(parent, placed.field, placed.index),
                 absl::StrCat("this mapping contradicts the one", OnLine(findings.LineOf(other)),
                              ": one allows and the other blocks ", what, "; keep one of them"));
  }
}

}  // namespace firebreak::policy
