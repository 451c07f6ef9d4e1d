// SPDX-License-Identifier: Apache-2.0
#include "cli/view/switch_outcome.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "cli/output/table.h"
#include "cli/view/edits.h"
#include "cli/view/interfaces.h"
#include "policy/merge/profile.h"

namespace firebreak::cli {
namespace {

bool IsAbout(const v1::InterfaceState& state, const WantedSwitch& wanted) {
  v1::InterfaceMatch match;
  if (!wanted.interface.empty()) match.add_names(wanted.interface);
  return policy::Matches(match, state.name(), "");
}

std::string Who(const v1::InterfaceState& state, const std::vector<v1::Edit>& edits) {
  if (state.has_local_switch()) {
    const v1::LocalSwitch& local = state.local_switch();
    return absl::StrCat("switched on the host itself by ", local.user(),
                        local.reason().empty() ? "" : absl::StrCat(" (", local.reason(), ")"),
                        ", who ends it with `firebreak --local enable`; a policy with "
                        "`local_control: deny` ends it too");
  }
  const auto edit = std::find_if(edits.begin(), edits.end(), [&](const v1::Edit& one) {
    return one.name() == state.firewall_policy();
  });
  if (edit != edits.end()) {
    return absl::StrCat("set by ", edit->name(), "; `firebreak switch clear ", ScopeOf(*edit),
                        "` ends it");
  }
  return absl::StrCat("set by ", SetBy(state));
}

}  // namespace

v1::HostFirewall WhatHolds(const std::string& host,
                           const std::vector<v1::InterfaceState>& interfaces,
                           const WantedSwitch& wanted, const std::vector<v1::Edit>& edits) {
  v1::HostFirewall holds;
  holds.set_host(host);
  const bool any = std::any_of(interfaces.begin(), interfaces.end(),
                               [&](const auto& state) { return IsAbout(state, wanted); });
  if (!any && !wanted.interface.empty()) {
    holds.add_against(absl::StrCat("there is no interface ", wanted.interface, " now"));
  }
  for (const v1::InterfaceState& state : interfaces) {
    if (!IsAbout(state, wanted)) continue;
    if (!wanted.location.empty() && state.location() != wanted.location) continue;
    *holds.add_interfaces() = state;
    if (wanted.mode == v1::Firewall::unspecified ||
        state.firewall() == v1::Firewall::Mode_Name(wanted.mode)) {
      continue;
    }
    holds.add_against(absl::StrCat(
        state.name(), state.location().empty() ? "" : absl::StrCat(" at ", state.location()),
        ": the firewall is ", state.firewall().empty() ? "off, unmanaged" : state.firewall(), ", ",
        Who(state, edits)));
  }
  return holds;
}

std::string HostFirewallTable(const std::vector<v1::HostFirewall>& hosts, bool colours) {
  Table table({"HOST", "INTERFACE", "LOCATION", "FIREWALL", "SET BY"});
  for (const v1::HostFirewall& host : hosts) {
    for (const v1::InterfaceState& state : host.interfaces()) {
      table.AddRow({host.host(), state.name(), state.location(),
                    Cell(state.firewall(), FirewallColour(state.firewall())), SetBy(state)});
    }
  }
  return table.rows() == 0 ? "" : table.Text(colours);
}

absl::Status SwitchOutcome(const std::vector<v1::HostFirewall>& hosts, const WantedSwitch& wanted) {
  std::vector<std::string> lines;
  for (const v1::HostFirewall& host : hosts) {
    if (!host.error().empty()) {
      lines.push_back(
          absl::StrCat(host.host(), ": the state of the firewall is unknown: ", host.error()));
    }
    for (const std::string& against : host.against()) {
      lines.push_back(absl::StrCat(host.host(), ": ", against));
    }
  }
  if (lines.empty()) return absl::OkStatus();
  // A line feed in a name or a reason must not start a line that looks like ours.
  for (std::string& line : lines) line = absl::StrReplaceAll(line, {{"\n", " "}});
  return absl::AbortedError(
      absl::StrCat(wanted.mode == v1::Firewall::unspecified
                       ? "the state of some hosts is not known"
                       : absl::StrCat("the firewall is not ", v1::Firewall::Mode_Name(wanted.mode),
                                      " everywhere that was asked for"),
                   "\n", absl::StrJoin(lines, "\n")));
}

}  // namespace firebreak::cli
