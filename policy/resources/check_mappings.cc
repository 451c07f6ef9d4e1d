// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/check_mappings.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "policy/resources/check_mapping.h"
#include "policy/resources/names.h"
#include "policy/resources/ports.h"
#include "policy/resources/prefix.h"
#include "policy/resources/protocols.h"
#include "policy/resources/resolve.h"

namespace firebreak::policy {
namespace {

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

// Returns a key for a protocol, its ports and one prefix.
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

// Whether the mapping consists of ports and a remote end only, so that these identify its packets.
bool IsBare(const v1::PortMapping& mapping) {
  return IsEnabled(mapping) && mapping.from().empty() && mapping.from_except().empty() &&
         mapping.source_ports().empty() && mapping.types().empty() && !mapping.has_limit() &&
         !mapping.has_connections() && mapping.users().empty() && mapping.user_groups().empty() &&
         mapping.units().empty() && mapping.expires().empty();
}

void CheckMapping(const CheckedMapping& checked) {
  const std::string& name = checked.mapping.name();
  if (!name.empty()) checked.findings.Add(FieldPath(checked.path, "name"), CheckName(name));
  CheckTraffic(checked);
  CheckEnds(checked);
  CheckAction(checked);
  CheckLimits(checked);
}

}  // namespace

size_t CheckMappings(const std::vector<PlacedMapping>& mappings, MappingList list,
                     const FieldPath& parent, const References& references, Findings& findings) {
  size_t pairs = 0;
  for (const PlacedMapping& placed : mappings) {
    // A policy with more is refused, and to spell out the rest would take long.
    if (findings.IsFull() || pairs > kMostPairsOfPolicy) break;
    const v1::PortMapping& mapping = *placed.mapping;
    const FieldPath path(parent, placed.field, placed.index);
    CheckMapping({mapping, list, placed.action, path, references, findings});
    const size_t ports = mapping.service().empty()
                             ? static_cast<size_t>(mapping.ports_size())
                             : PortRangesOf(references.configuration, mapping).size();
    const size_t ends = std::max(SendersOf(mapping).size(), ReceiversOf(mapping).size());
    pairs += std::max<size_t>(ports, 1) * std::max<size_t>(ends, 1);
  }
  CheckUniqueNames(mappings, parent, findings);
  return pairs;
}

void CheckContradictions(const std::vector<PlacedMapping>& mappings, const FieldPath& parent,
                         const Configuration& configuration, Findings& findings) {
  // A list can contradict itself only if it both blocks and allows.
  const bool blocks = std::any_of(mappings.begin(), mappings.end(), [](const PlacedMapping& one) {
    return one.action == v1::Traffic::block;
  });
  const bool allows = std::any_of(mappings.begin(), mappings.end(), [](const PlacedMapping& one) {
    return one.action != v1::Traffic::block;
  });
  if (!blocks || !allows) return;

  absl::flat_hash_map<std::string, const PlacedMapping*> cells;
  for (const PlacedMapping& placed : mappings) {
    if (!IsBare(*placed.mapping)) continue;
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
    const std::vector<v1::Prefix> prefixes = ReceiversOf(mapping);
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
