// SPDX-License-Identifier: Apache-2.0
#include "cli/view/edits.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/output/table.h"
#include "cli/view/interfaces.h"
#include "policy/resources/edit.h"

namespace firebreak::cli {

std::string ScopeOf(const v1::Edit& edit) {
  absl::string_view group = edit.group();
  const bool host = absl::ConsumePrefix(&group, "host:");
  return absl::StrCat(
      host ? "--host " : "--group ", group,
      edit.interface().empty() ? "" : absl::StrCat(" --interface ", edit.interface()),
      edit.location().empty() ? "" : absl::StrCat(" --at ", edit.location()));
}

std::vector<v1::Edit> SwitchesIn(
    const google::protobuf::RepeatedPtrField<v1::Resource>& resources) {
  std::vector<v1::Edit> switches;
  for (const v1::Resource& resource : resources) {
    if (resource.has_edit() && !resource.edit().has_mapping()) switches.push_back(resource.edit());
  }
  std::sort(switches.begin(), switches.end(), policy::Outranks);
  return switches;
}

std::string SwitchTable(const std::vector<v1::Edit>& switches, bool colours) {
  if (switches.empty()) return "";
  Table table({"EDIT", "FOR", "INTERFACE", "LOCATION", "FIREWALL"});
  for (const v1::Edit& edit : switches) {
    const std::string& firewall = v1::Firewall::Mode_Name(edit.firewall());
    table.AddRow({edit.name(), edit.group(), edit.interface().empty() ? "all" : edit.interface(),
                  edit.location().empty() ? "any" : edit.location(),
                  Cell(firewall, FirewallColour(firewall))});
  }
  return table.Text(colours);
}

}  // namespace firebreak::cli
