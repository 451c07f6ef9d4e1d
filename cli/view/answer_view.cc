// SPDX-License-Identifier: Apache-2.0
#include "cli/view/answer_view.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/text/escape.h"
#include "cli/view/interfaces.h"
#include "cli/view/local_status.h"
#include "cli/view/trace.h"

namespace firebreak::cli {
namespace {

using google::protobuf::Message;

// Makes the view of a list of `Item`s. `list` returns the items of a part, and `row` makes the
// cells of an item.
template <typename Item, typename List, typename Row>
AnswerView ListView(std::vector<std::string> columns, List list, Row row, std::string none) {
  AnswerView view;
  view.columns = std::move(columns);
  view.none = std::move(none);
  view.items = [list](const v1::Answer& part) {
    std::vector<const Message*> items;
    for (const Item& item : list(part)) items.push_back(&item);
    return items;
  };
  view.row = [row](const Message& item) { return row(static_cast<const Item&>(item)); };
  return view;
}

std::string End(const std::string& address, uint32_t port) {
  if (port == 0 || address.empty()) return address;
  return absl::StrContains(address, ':') ? absl::StrCat("[", address, "]:", port)
                                         : absl::StrCat(address, ":", port);
}

Colour JudgementColour(const std::string& judgement) {
  if (judgement == "open" || judgement == "local") return Colour::kGreen;
  if (judgement == "exposed") return Colour::kRed;
  return Colour::kYellow;
}

std::string Process(const v1::HostSocket& socket) {
  if (socket.process().empty()) return "";
  return absl::StrCat(socket.process(), "/", socket.pid());
}

}  // namespace

void Merge(const v1::Answer& part, v1::Answer& whole) {
  std::string text;
  if (whole.has_rules()) text = whole.rules().text();
  whole.MergeFrom(part);
  if (part.has_rules()) whole.mutable_rules()->set_text(text + part.rules().text());
}

AnswerView InterfacesView() {
  return ListView<v1::InterfaceReport>(
      {"INTERFACE", "TYPE", "LINK", "ADDRESSES", "LOCATION", "FIREWALL", "SET BY", "NETWORK",
       "EVIDENCE"},
      [](const v1::Answer& part) -> const auto& { return part.interfaces().interfaces(); },
      [](const v1::InterfaceReport& report) -> std::vector<Cell> {
        const v1::Interface& interface = report.interface();
        const v1::InterfaceState& state = report.state();
        return {interface.name(),
                interface.type(),
                interface.up() ? "up" : "down",
                absl::StrJoin(interface.addresses(), " "),
                state.location(),
                Cell(state.firewall(), FirewallColour(state.firewall())),
                SetBy(state),
                NetworkText(report.network()),
                absl::StrJoin(Evidence(state, absl::Now(), /*live=*/true), "; ")};
      },
      "the host has no interface");
}

// Returns the mapping's other conditions and effects.
std::string Restrictions(const v1::HostMapping& mapping) {
  std::vector<std::string> parts;
  const auto add = [&](absl::string_view what, const std::string& value) {
    if (!value.empty()) parts.push_back(absl::StrCat(what, " ", value));
  };
  add("at", absl::StrJoin(mapping.local(), ","));
  add("from port", absl::StrJoin(mapping.source_ports(), ","));
  add("by", absl::StrJoin(mapping.programs(), ","));
  add("at most", mapping.limit());
  add("connections", mapping.connections());
  add("log", mapping.log());
  if (mapping.has_expires())
    add("until",
        absl::FormatTime("%Y-%m-%dT%H:%MZ", absl::FromUnixSeconds(mapping.expires().seconds()),
                         absl::UTCTimeZone()));
  return absl::StrJoin(parts, "; ");
}

// Returns the interfaces of a mapping. A rule about forwarded packets has two sides: "eth0 > wg0".
std::string Interfaces(const v1::HostMapping& mapping) {
  if (mapping.in_interfaces().empty() && mapping.out_interfaces().empty()) {
    return absl::StrJoin(mapping.interfaces(), ",");
  }
  const auto text = [](const std::string& side) { return side.empty() ? "any" : side; };
  return absl::StrCat(text(mapping.in_interfaces()), " > ", text(mapping.out_interfaces()));
}

// Returns the purpose of a mapping. For a mapping that the host itself has opened, also the program
// and the grant.
std::string WhyOf(const v1::HostMapping& mapping) {
  if (mapping.program().empty()) return mapping.description();
  return absl::StrCat(mapping.description(), mapping.description().empty() ? "" : "; ", "for ",
                      mapping.program(),
                      mapping.grant().empty() ? "" : absl::StrCat("; mapping ", mapping.grant()));
}

AnswerView HostMappingsView() {
  return ListView<v1::HostMapping>(
      {"LOCATION", "INTERFACES", "DIRECTION", "NAME", "ACTION", "WHAT", "REMOTE", "FORWARD TO",
       "ONLY", "FIREWALL", "POLICY", "DESCRIPTION"},
      [](const v1::Answer& part) -> const auto& { return part.mappings().mappings(); },
      [](const v1::HostMapping& mapping) -> std::vector<Cell> {
        return {mapping.location(),
                Interfaces(mapping),
                mapping.direction(),
                mapping.name(),
                Cell(mapping.action(), mapping.action() == "allow" ? Colour::kGreen : Colour::kRed),
                absl::StrJoin(mapping.ports(), ","),
                mapping.remote().empty() ? "any" : absl::StrJoin(mapping.remote(), ","),
                mapping.forward_to(),
                Restrictions(mapping),
                Cell(mapping.firewall(), FirewallColour(mapping.firewall())),
                mapping.policy(),
                WhyOf(mapping)};
      },
      "nothing is open: no policy of the host has a mapping for its location");
}

AnswerView FlowsView() {
  return ListView<v1::HostFlow>(
      {"PROTOCOL", "SOURCE", "DESTINATION", "STATE", "DIRECTION", "INTERFACE", "EXPIRES", "BYTES",
       "ANSWERED BY"},
      [](const v1::Answer& part) -> const auto& { return part.flows().flows(); },
      [](const v1::HostFlow& flow) -> std::vector<Cell> {
        return {flow.protocol(),
                End(flow.source(), flow.source_port()),
                End(flow.destination(), flow.destination_port()),
                flow.state(),
                flow.direction(),
                flow.interface(),
                absl::StrCat(flow.timeout_seconds(), " s"),
                flow.packets() == 0 ? "" : absl::StrCat(flow.bytes()),
                End(flow.reply_source(), flow.reply_source_port())};
      },
      "no flow matches");
}

AnswerView SocketsView() {
  return ListView<v1::HostSocket>(
      {"JUDGEMENT", "PROTOCOL", "ADDRESS", "PORT", "PROCESS", "UNIT", "USER", "INTERFACES",
       "MAPPING", "POLICY", "ADVICE"},
      [](const v1::Answer& part) -> const auto& { return part.sockets().sockets(); },
      [](const v1::HostSocket& socket) -> std::vector<Cell> {
        const bool idle = socket.judgement() == "idle";
        return {Cell(socket.judgement(), JudgementColour(socket.judgement())),
                socket.protocol(),
                socket.address().empty() && !idle ? "any" : socket.address(),
                absl::StrCat(socket.port()),
                Process(socket),
                socket.unit(),
                socket.user(),
                absl::StrJoin(socket.interfaces(), ","),
                socket.mapping(),
                socket.policy(),
                socket.advice()};
      },
      "nothing listens, and nothing is open");
}

AnswerView SettingsView() {
  return ListView<v1::HostSetting>(
      {"SETTING", "FOUND", "WANTED", "BEFORE", "RECOMMENDED", "POLICY", "WHY"},
      [](const v1::Answer& part) -> const auto& { return part.settings().settings(); },
      [](const v1::HostSetting& setting) -> std::vector<Cell> {
        return {setting.name(),
                Cell(setting.found(), setting.good() ? Colour::kGreen : Colour::kYellow),
                setting.wanted(),
                setting.before(),
                setting.recommended(),
                setting.policy(),
                setting.problem().empty() ? setting.why() : setting.problem()};
      },
      "the host reports no settings");
}

AnswerView RulesView() {
  AnswerView view;
  view.items = [](const v1::Answer& whole) { return std::vector<const Message*>{&whole.rules()}; };
  view.text = [](const v1::Answer& whole, bool) {
    // The explanations are comments, so that nft(8) accepts the whole output.
    const v1::RulesAnswer& rules = whole.rules();
    std::string text;
    if (rules.text().empty()) text = "# no rules: no policy selects this host\n";
    absl::StrAppend(&text, EscapeLines(rules.text()));
    if (!rules.text().empty() && rules.text().back() != '\n') text.push_back('\n');
    if (!rules.digest().empty()) {
      absl::StrAppend(&text, "# digest ", absl::BytesToHexString(rules.digest()), "\n");
    }
    return text;
  };
  return view;
}

AnswerView TraceView() {
  AnswerView view;
  view.items = [](const v1::Answer& whole) { return std::vector<const Message*>{&whole.trace()}; };
  view.text = [](const v1::Answer& whole, bool colours) {
    return TracePage(whole.trace(), colours);
  };
  return view;
}

AnswerView LocalStatusView() {
  AnswerView view;
  view.items = [](const v1::Answer& whole) { return std::vector<const Message*>{&whole.status()}; };
  view.text = [](const v1::Answer& whole, bool colours) {
    return LocalStatusPage(whole.status(), absl::Now(), colours);
  };
  return view;
}

}  // namespace firebreak::cli
