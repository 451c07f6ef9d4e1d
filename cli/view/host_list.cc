// SPDX-License-Identifier: Apache-2.0
#include "cli/view/host_list.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/output/table.h"
#include "cli/view/interfaces.h"

namespace firebreak::cli {

std::string Labels(const v1::Host& host) {
  const std::map<std::string, std::string> sorted(host.labels().begin(), host.labels().end());
  return absl::StrJoin(sorted, ",", absl::PairFormatter("="));
}

Colour StateColour(absl::string_view state) {
  if (state == "online") return Colour::kGreen;
  if (state == "revoked") return Colour::kRed;
  return Colour::kYellow;
}

Colour RolloutColour(absl::string_view rollout) {
  if (rollout == "applied") return Colour::kGreen;
  if (rollout == "refused" || rollout == "undone") return Colour::kRed;
  if (rollout == "pending") return Colour::kYellow;
  return Colour::kNone;
}

namespace {

Cell StateCell(const v1::Host& host) {
  if (!host.has_connection_refused() || host.state() == "revoked") {
    return Cell(host.state(), StateColour(host.state()));
  }
  return Cell(
      absl::StrCat(host.state(), host.state() == "online" ? ", second refused" : ", refused"),
      Colour::kRed);
}

}  // namespace

std::string HostList(const v1::ListHostsResponse& response, bool colours) {
  if (response.hosts().empty()) return "";
  Table table({"NAME", "STATE", "REVISION", "ROLLOUT", "FIREWALL", "LOCATION", "LABELS"});
  for (const v1::Host& host : response.hosts()) {
    table.AddRow({host.name(), StateCell(host),
                  host.revision() == 0 ? "" : absl::StrCat(host.revision()),
                  Cell(host.rollout(), RolloutColour(host.rollout())), FirewallSummary(host),
                  LocationSummary(host), Labels(host)});
  }
  return table.Text(colours);
}

}  // namespace firebreak::cli
