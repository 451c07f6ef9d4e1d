// SPDX-License-Identifier: Apache-2.0
#include "cli/view/mappings.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/output/table.h"

namespace firebreak::cli {
namespace {

// Returns a text such as "any" or "10.0.0.0/8 except 10.1.0.0/16".
template <typename InternedStrings>
std::string End(const InternedStrings& list, const InternedStrings& except) {
  const std::string all = list.empty() ? "any" : absl::StrJoin(list, ",");
  return except.empty() ? all : absl::StrCat(all, " except ", absl::StrJoin(except, ","));
}

std::string Per(v1::Per::Key per) { return per == v1::Per::source ? " per source" : ""; }

// Returns the mapping's other fields in the words of the file.
std::string More(const v1::PortMapping& mapping) {
  std::vector<std::string> parts;
  const auto add = [&](absl::string_view what, const std::string& value) {
    if (!value.empty()) parts.push_back(absl::StrCat(what, " ", value));
  };
  if (!mapping.to().empty() || !mapping.to_except().empty()) {
    add("to", End(mapping.to(), mapping.to_except()));
  }
  add("source_ports", absl::StrJoin(mapping.source_ports(), ","));
  add("forward_to", mapping.forward_to());
  if (mapping.handshake() == v1::Handshake::proxy) add("handshake", "proxy");
  if (mapping.has_limit()) {
    const v1::RateLimit& limit = mapping.limit();
    add("limit", absl::StrCat(limit.rate(), Per(limit.per()),
                              limit.has_burst() ? absl::StrCat(" burst ", limit.burst()) : ""));
  }
  if (mapping.has_connections()) {
    add("connections", absl::StrCat(mapping.connections().max(), Per(mapping.connections().per())));
  }
  if (mapping.log()) add("log", mapping.log_rate().empty() ? "all" : mapping.log_rate());
  add("expires", mapping.expires());
  if (mapping.has_enabled() && !mapping.enabled()) parts.emplace_back("not enabled");
  return absl::StrJoin(parts, "; ");
}

}  // namespace

std::string Opens(const v1::PortMapping& mapping) {
  if (!mapping.service().empty()) return mapping.service();
  const std::string ports = absl::StrJoin(mapping.ports(), ",");
  const std::string types = absl::StrJoin(mapping.types(), ",");
  const std::string& what = ports.empty() ? types : ports;
  if (mapping.protocol().empty() || what.empty()) return absl::StrCat(mapping.protocol(), what);
  return absl::StrCat(mapping.protocol(), " ", what);
}

std::string Senders(const v1::PortMapping& mapping) {
  return End(mapping.from(), mapping.from_except());
}

std::string MappingTable(const v1::ListMappingsResponse& response, bool colours) {
  if (response.mappings().empty()) return "";
  Table table(
      {"POLICY", "GROUPS", "INTERFACE", "NAME", "ACTION", "WHAT", "FROM", "MORE", "DESCRIPTION"});
  for (const v1::MappingEntry& entry : response.mappings()) {
    const v1::PortMapping& mapping = entry.mapping();
    const bool allow =
        mapping.action() == v1::Traffic::unspecified || mapping.action() == v1::Traffic::allow;
    const std::string action = allow ? "allow" : v1::Traffic::Action_Name(mapping.action());
    table.AddRow({entry.policy(), entry.groups(),
                  entry.interface().empty() ? "any" : entry.interface(), mapping.name(),
                  Cell(action, allow ? Colour::kGreen : Colour::kRed), Opens(mapping),
                  Senders(mapping), More(mapping), mapping.description()});
  }
  return table.Text(colours);
}

}  // namespace firebreak::cli
