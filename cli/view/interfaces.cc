// SPDX-License-Identifier: Apache-2.0
#include "cli/view/interfaces.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/output/moment.h"
#include "policy/merge/local_switch.h"
#include "policy/resources/elsewhere.h"

namespace firebreak::cli {
namespace {

using Field = const std::string& (v1::InterfaceState::*)() const;

std::string OrDash(const std::string& value) { return value.empty() ? "-" : value; }

std::string Summarize(const v1::Host& host, Field field) {
  // The names of interfaces, by the value of the field.
  std::map<std::string, std::vector<std::string>> names;
  for (const v1::InterfaceState& state : host.receipt().interfaces()) {
    names[OrDash((state.*field)())].push_back(state.name());
  }
  if (names.size() == 1) return names.begin()->first;
  return absl::StrJoin(names, ", ", [](std::string* out, const auto& entry) {
    absl::StrAppend(out, entry.first, " ", absl::StrJoin(entry.second, " "));
  });
}

// " since 2026-… by root with /usr/bin/firebreak: a new printer".
std::string SinceAndBy(const v1::LocalSwitch& what, absl::Time now) {
  return absl::StrCat(" since ", Moment(what.at(), now), " by ", what.user(), " with ",
                      what.program(),
                      what.reason().empty() ? "" : absl::StrCat(": ", what.reason()));
}

}  // namespace

Colour FirewallColour(absl::string_view firewall) {
  if (firewall == "on") return Colour::kGreen;
  if (firewall == "observe") return Colour::kYellow;
  if (firewall == "off") return Colour::kRed;
  return Colour::kNone;
}

Cell FirewallSummary(const v1::Host& host) {
  const std::string summary = Summarize(host, &v1::InterfaceState::firewall);
  return Cell(summary, FirewallColour(summary));
}

std::string LocationSummary(const v1::Host& host) {
  return Summarize(host, &v1::InterfaceState::location);
}

Table InterfaceTable(const v1::Host& host) {
  std::map<std::string, const v1::InterfaceState*> states;
  for (const v1::InterfaceState& state : host.receipt().interfaces()) {
    states.emplace(state.name(), &state);
  }
  Table table({"INTERFACE", "TYPE", "LINK", "ADDRESSES", "LOCATION", "FIREWALL", "SET BY"});
  const v1::InterfaceState none;
  const auto add = [&](const v1::Interface& interface, const char* link,
                       const v1::InterfaceState& state) {
    table.AddRow({interface.name(), interface.type(), link,
                  absl::StrJoin(interface.addresses(), " "), state.location(),
                  Cell(state.firewall(), FirewallColour(state.firewall())), SetBy(state)});
  };
  std::set<std::string> shown;
  for (const v1::Interface& interface : host.facts().interfaces()) {
    const auto state = states.find(interface.name());
    add(interface, interface.up() ? "up" : "down", state == states.end() ? none : *state->second);
    shown.insert(interface.name());
  }
  for (const v1::InterfaceState& state : host.receipt().interfaces()) {
    if (shown.contains(state.name())) continue;
    v1::Interface gone;
    gone.set_name(state.name());
    add(gone, "", state);
  }
  return table;
}

std::string SetBy(const v1::InterfaceState& state) {
  if (state.has_local_switch()) return absl::StrCat("local, ", state.local_switch().user());
  if (state.firewall_policy().empty() && !state.firewall().empty()) return "(default)";
  return state.firewall_policy();
}

std::vector<std::string> Evidence(const v1::InterfaceState& state, absl::Time now, bool live) {
  const auto age = [&](const google::protobuf::Timestamp& at) {
    return Rough(std::max(now - absl::FromUnixSeconds(at.seconds()), absl::ZeroDuration()));
  };
  std::vector<std::string> evidence;
  if (!state.evidence().empty()) {
    evidence.push_back(
        absl::StrCat("at ", state.location(), " since ", Moment(state.proven_since(), now),
                     live ? absl::StrCat(", proven ", age(state.proven_at()), " ago: ") : ": ",
                     state.evidence()));
  }
  for (const v1::LocationRefusal& refusal : state.refusals()) {
    evidence.push_back(absl::StrCat(
        "not at ", refusal.location(), ": ", refusal.beacon(), refusal.beacon().empty() ? "" : ": ",
        refusal.reason(),
        live ? absl::StrCat(", ", age(refusal.at()), " ago, attempt ", refusal.attempts()) : ""));
  }
  return evidence;
}

std::string NetworkText(const v1::NetworkFacts& network) {
  const auto with = [](const std::string& what, const std::string& mac) {
    return mac.empty() ? what : absl::StrCat(what, " (", mac, ")");
  };
  std::vector<std::string> parts;
  if (!network.ssid().empty()) {
    parts.push_back(absl::StrCat("ssid ", with(network.ssid(), network.bssid())));
  }
  for (const v1::Gateway& gateway : network.gateways()) {
    parts.push_back(absl::StrCat("via ", with(gateway.address(), gateway.mac())));
  }
  if (!network.dns_suffixes().empty()) {
    parts.push_back(absl::StrCat("dns ", absl::StrJoin(network.dns_suffixes(), " ")));
  }
  return absl::StrJoin(parts, "; ");
}

std::vector<std::pair<std::string, std::string>> SwitchLines(const v1::Host& host, absl::Time now) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const v1::InterfaceState& state : host.receipt().interfaces()) {
    if (!state.has_local_switch()) continue;
    lines.emplace_back(state.name(),
                       absl::StrCat(state.firewall(), SinceAndBy(state.local_switch(), now)));
  }
  for (const v1::LocalSwitch& option : host.receipt().options()) {
    const bool all = option.interface().empty();
    lines.emplace_back(
        policy::SubjectOf(option) == policy::SwitchSubject::kLogging ? "the host"
        : all                                                        ? "all interfaces"
                                                                     : option.interface(),
        absl::StrCat(policy::DescribeSwitch(option),
                     option.location().empty() ? "" : absl::StrCat(" at ", option.location()),
                     SinceAndBy(option, now)));
  }
  return lines;
}

std::vector<std::pair<std::string, std::string>> LocationLines(const v1::Host& host,
                                                               absl::Time now) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const v1::InterfaceState& state : host.receipt().interfaces()) {
    for (const std::string& words : Evidence(state, now, /*live=*/false)) {
      lines.emplace_back(state.name(), words);
    }
  }
  return lines;
}

}  // namespace firebreak::cli
