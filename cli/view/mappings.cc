#include "cli/view/mappings.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/output/table.h"

namespace firebreak::cli {
namespace {

// "ssh", "tcp 80,443" or "esp".
std::string Opens(const v1::PortMapping& mapping) {
  if (!mapping.service().empty()) return mapping.service();
  if (mapping.ports().empty()) return mapping.protocol();
  return absl::StrCat(mapping.protocol(), " ", absl::StrJoin(mapping.ports(), ","));
}

}  // namespace

std::string MappingTable(const v1::ListMappingsResponse& response, bool colours) {
  if (response.mappings().empty()) return "";
  Table table({"POLICY", "GROUPS", "INTERFACE", "NAME", "ACTION", "WHAT", "FROM"});
  for (const v1::MappingEntry& entry : response.mappings()) {
    const v1::PortMapping& mapping = entry.mapping();
    const bool block = mapping.action() == v1::Traffic::block;
    table.AddRow(
        {entry.policy(), entry.groups(), entry.interface().empty() ? "any" : entry.interface(),
         mapping.name(), Cell(block ? "block" : "allow", block ? Colour::kRed : Colour::kGreen),
         Opens(mapping), mapping.from().empty() ? "any" : absl::StrJoin(mapping.from(), ",")});
  }
  return table.Text(colours);
}

}  // namespace firebreak::cli
