// SPDX-License-Identifier: Apache-2.0
#include "cli/view/host_page.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/text/escape.h"
#include "cli/output/colour.h"
#include "cli/output/moment.h"
#include "cli/view/host_list.h"
#include "cli/view/interfaces.h"

namespace firebreak::cli {
namespace {

// Stands in place of a state for a host without a controller.
constexpr char kStandalone[] = "stand-alone";

constexpr size_t kLabelWidth = 12;

// Collects the lines of the page. A line is a label and a value, which this class escapes.
class Page {
 public:
  explicit Page(bool colours) : colours_(colours) {}

  void Add(absl::string_view label, absl::string_view value, Colour colour = Colour::kNone) {
    Begin(label);
    absl::StrAppend(&text_, value.empty() ? "-" : Paint(Escape(value), colour, colours_), "\n");
  }

  // Adds a line with a second value, without colour, behind the coloured one.
  void Add(absl::string_view label, absl::string_view value, Colour colour,
           absl::string_view addition) {
    Begin(label);
    absl::StrAppend(&text_, Paint(Escape(value), colour, colours_), Escape(addition), "\n");
  }

  void Append(absl::string_view text) { absl::StrAppend(&text_, text); }
  std::string Take() && { return std::move(text_); }

 private:
  void Begin(absl::string_view label) {
    absl::StrAppend(&text_, Paint(label, Colour::kBold, colours_),
                    std::string(kLabelWidth - label.size(), ' '));
  }

  const bool colours_;
  std::string text_;
};

std::string Digest(absl::string_view digest) { return absl::BytesToHexString(digest.substr(0, 6)); }

void AddReceipt(const v1::Host& host, absl::Time now, Page& page) {
  if (!host.has_receipt()) {
    page.Add("Receipt", "none yet");
    return;
  }
  const v1::Receipt& receipt = host.receipt();
  page.Add("Receipt", receipt.ruleset_digest().empty()
                          ? "no rules: no policy selects this host"
                          : absl::StrCat("ruleset ", Digest(receipt.ruleset_digest()), ", policy ",
                                         Digest(receipt.policy_digest())));
  page.Add("", absl::StrCat(receipt.changes(), receipt.changes() == 1 ? " object" : " objects",
                            " changed in ", Micros(receipt.apply_micros()), ", ",
                            Moment(receipt.applied_at(), now)));
  for (const std::string& help : receipt.unproven()) {
    page.Add(&help == &receipt.unproven(0) ? "Unproven" : "",
             absl::StrCat("the controller is reached only with the help of ", help),
             Colour::kYellow);
  }
  if (receipt.unproven_size() > 0) {
    page.Add("Next",
             "let the rules open the way anew; the host undoes the revision if it loses its "
             "controller");
  }
}

// Adds notes about what a policy asks for and an interface cannot do.
void AddNotes(const v1::Receipt& receipt, Page& page) {
  bool first = true;
  for (const v1::InterfaceState& state : receipt.interfaces()) {
    for (const std::string& note : state.notes()) {
      page.Add(std::exchange(first, false) ? "Notes" : "", absl::StrCat(state.name(), ": ", note));
    }
  }
}

void AddFlowTable(const v1::FlowTable& table, absl::Time now, Page& page) {
  page.Add("Flows", table.full() ? "the table of connections is full" : "the table was full",
           table.full() ? Colour::kRed : Colour::kYellow,
           absl::StrCat(", ", Moment(table.since(), now), ": ", table.dropped(),
                        " new connections refused, ", table.evicted(), " older ones forgotten"));
  page.Add("", absl::StrCat("it has room for ", table.limit(),
                            "; raise net.netfilter.nf_conntrack_max, or find who fills it with "
                            "`firebreak host flows`"));
}

// A refusal matters only while nothing newer than the refused revision is in force.
bool Holds(const v1::Host& host) {
  return host.has_refusal() && (host.refusal().revision() > host.revision() ||
                                host.rollout() == "refused" || host.rollout() == "undone");
}

void AddRefusal(const v1::Host& host, absl::Time now, Page& page) {
  if (!Holds(host)) return;
  const v1::Refusal& refusal = host.refusal();
  const bool undone = refusal.kind() == v1::Refusal::undone;
  page.Add(undone ? "Undone" : "Refused", absl::StrCat("revision ", refusal.revision()),
           Colour::kRed, absl::StrCat(", ", Moment(refusal.at(), now)));
  page.Add("Reason", refusal.reason());
  if (!refusal.resource().empty()) page.Add("Resource", refusal.resource());
  const std::string in_force = host.revision() == 0 ? std::string("the previous policy")
                                                    : absl::StrCat("revision ", host.revision());
  if (refusal.trying_again()) {
    page.Add("Next",
             absl::StrCat("the host tries again by itself; until then ", in_force, " is in force"));
    return;
  }
  if (host.state() == kStandalone) {
    return page.Add("Next", absl::StrCat("apply again; until then ", in_force, " is in force"));
  }
  page.Add("Next",
           absl::StrCat(undone ? "let the host reach its controller" : "correct the resource",
                        " and apply again; until then ", in_force, " is in force"));
}

void AddDrift(const v1::Drift& drift, absl::Time now, Page& page) {
  const std::string author = drift.program().empty()
                                 ? ""
                                 : absl::StrCat(" by ", drift.program(), ", process ", drift.pid());
  page.Add("Changed", absl::StrCat(drift.times(), drift.times() == 1 ? " time" : " times"),
           Colour::kYellow, absl::StrCat(" by others, last ", Moment(drift.at(), now), author));
  page.Add("", absl::StrJoin(drift.changed(), ", "));
  if (!drift.error().empty()) {
    page.Add("", "not undone", Colour::kRed, absl::StrCat(": ", drift.error()));
  } else {
    page.Add("", absl::StrCat("undone after ", Micros(drift.undone_micros())));
  }
}

void AddStack(const v1::StackState& stack, absl::Time now, Page& page) {
  const std::string attacks =
      stack.attacks() == 1 ? "1 flood" : absl::StrCat(stack.attacks(), " floods");
  if (stack.attacked()) {
    page.Add("Attack", "flood of connection requests", Colour::kRed,
             absl::StrCat(" since ", Moment(stack.attacked_since(), now)));
  } else if (stack.attacks() > 0) {
    page.Add("Attack", absl::StrCat("none now; ", attacks,
                                    " of connection requests since the agent was started"));
  }
  if (stack.settings_wrong() == 0 && stack.changed_by_others() == 0 && stack.problems().empty()) {
    return;
  }
  page.Add("Settings",
           absl::StrCat(stack.settings() - stack.settings_wrong(), " of ", stack.settings(),
                        " as wanted"),
           stack.settings_wrong() == 0 ? Colour::kNone : Colour::kYellow,
           stack.changed_by_others() == 0
               ? ""
               : absl::StrCat(", changed by others ", stack.changed_by_others(),
                              stack.changed_by_others() == 1 ? " time" : " times"));
  for (const std::string& problem : stack.problems()) page.Add("", problem);
}

// Adds one line for each program, with all its tables and an explanation.
void AddConflicts(const v1::Facts& facts, Page& page) {
  for (int i = 0; i < facts.conflicts_size();) {
    const v1::Conflict& first = facts.conflicts(i);
    std::vector<std::string> tables, explanations;
    for (; i < facts.conflicts_size() && facts.conflicts(i).what() == first.what(); ++i) {
      tables.push_back(facts.conflicts(i).table());
      const std::string& explanation = facts.conflicts(i).explanation();
      if (std::find(explanations.begin(), explanations.end(), explanation) == explanations.end()) {
        explanations.push_back(explanation);
      }
    }
    page.Add("Beside it", first.what(), Colour::kYellow,
             absl::StrCat(", table ", absl::StrJoin(tables, ", ")));
    for (const std::string& explanation : explanations) page.Add("", explanation);
  }
}

// Adds the lines about a caller with the host's certificate that was refused. The reason names the
// next step.
void AddConnectionRefusal(const v1::Host& host, absl::Time now, Page& page) {
  const v1::ConnectionRefusal& refusal = host.connection_refused();
  page.Add("Shut out", host.state() == "online" ? "a second machine" : "refused", Colour::kRed,
           absl::StrCat(" at ", refusal.address(), ", last ", Moment(refusal.at(), now)));
  page.Add("", refusal.reason());
}

std::string NextForState(const v1::Host& host) {
  if (host.state() == "revoked") {
    return "its certificate is worthless; to bring it back, enrol it with a new token, made after "
           "it was "
           "revoked";
  }
  if (host.state() == "offline" && host.revision() != host.wanted()) {
    return "it keeps the rules that it has and gets the wanted revision when it is back; if it "
           "runs, look at its agent's log";
  }
  if (host.rollout() == "unmanaged") {
    return "no policy selects it: compare its groups with those of `firebreak get policies`";
  }
  return "";
}

// The host-wide settings follow the least trusted location of any interface that has an address.
// That may be an interface that nobody thinks of, such as a container engine's bridge, so the page
// names it.
void AddHostWide(const v1::Host& host, Page& page) {
  bool somewhere = false;
  std::vector<std::string> elsewhere;
  for (const v1::InterfaceState& state : host.receipt().interfaces()) {
    for (const v1::Interface& interface : host.facts().interfaces()) {
      if (interface.name() != state.name() || interface.addresses().empty()) continue;
      if (state.location() != "elsewhere") {
        somewhere = true;
      } else {
        elsewhere.push_back(
            absl::StrCat(interface.name(), interface.up() ? "" : " (without a carrier)"));
      }
    }
  }
  if (!somewhere || elsewhere.empty()) return;
  page.Add("Host-wide",
           absl::StrCat("elsewhere, because of the addresses of ", absl::StrJoin(elsewhere, ", ")));
}

// Adds which of the packets that a host forwards pass, by the interface they come in by.
void AddForwarding(const v1::Host& host, Page& page) {
  const v1::Facts& facts = host.facts();
  if (!facts.forwards_ipv4() && !facts.forwards_ipv6()) return;
  std::map<std::string, std::vector<std::string>> by_mode;
  for (const v1::InterfaceState& state : host.receipt().interfaces()) {
    by_mode[state.firewall()].push_back(state.name());
  }
  page.Add("Forwards", facts.forwards_ipv4() && facts.forwards_ipv6() ? "IPv4 and IPv6"
                       : facts.forwards_ipv4()                        ? "IPv4"
                                                                      : "IPv6");
  constexpr std::pair<const char*, const char*> kMeanings[] = {
      {"on",
       "only what `forward` and port mappings allow, and what comes from containers and VPNs"},
      {"observe", "everything; packets that would be dropped are counted"},
      {"off", "everything"}};
  for (const auto& [mode, meaning] : kMeanings) {
    const auto names = by_mode.find(mode);
    if (names == by_mode.end()) continue;
    page.Add("", absl::StrCat("in by ", absl::StrJoin(names->second, ", "), ": ", meaning));
  }
  if (by_mode.empty()) page.Add("", "everything: no policy selects this host");
}

// Adds what is in force, what is not and why, and what others have changed.
void AddEnforcement(const v1::Host& host, absl::Time now, Page& page) {
  page.Add("Rollout", host.rollout(), RolloutColour(host.rollout()));
  page.Add("Revision", host.revision() == 0 ? "none" : absl::StrCat(host.revision()), Colour::kNone,
           host.revision() == host.wanted() ? "" : absl::StrCat(", wanted ", host.wanted()));
  AddReceipt(host, now, page);
  AddHostWide(host, page);
  AddForwarding(host, page);
  AddRefusal(host, now, page);
  if (const std::string next = NextForState(host); !next.empty() && !Holds(host)) {
    page.Add("Next", next);
  }
  if (host.facts().has_drift()) AddDrift(host.facts().drift(), now, page);
  AddNotes(host.receipt(), page);
  if (host.facts().has_flow_table()) AddFlowTable(host.facts().flow_table(), now, page);
  if (host.facts().has_stack()) AddStack(host.facts().stack(), now, page);
  AddConflicts(host.facts(), page);
  bool first = true;
  for (const std::string& unknown : host.facts().unknown_senders()) {
    page.Add(std::exchange(first, false) ? "Senders" : "",
             absl::StrCat(unknown, "; mappings that name it do not apply to it"));
  }
  if (!host.facts().log_problem().empty()) page.Add("Log", host.facts().log_problem());
  for (const std::string& left_out : {host.facts().left_out(), host.receipt().left_out()}) {
    if (!left_out.empty()) {
      page.Add("Left out", absl::StrCat(left_out,
                                        ": too much for the host's report; ask the host "
                                        "itself with `firebreak host interfaces`"));
    }
  }
}

std::string Finish(const v1::Host& host, absl::Time now, bool colours, Page page) {
  std::string last;
  for (const auto& [interface, words] : LocationLines(host, now)) {
    page.Add(last.empty() ? "Locations" : "", interface == last ? "" : interface, Colour::kBold,
             absl::StrCat(" ", words));
    last = interface;
  }
  last.clear();
  for (const auto& [interface, words] : SwitchLines(host, now)) {
    page.Add(last.empty() ? "Switched" : "", interface, Colour::kBold, absl::StrCat(" ", words));
    last = interface;
  }
  const Table interfaces = InterfaceTable(host);
  if (interfaces.rows() > 0) page.Append(absl::StrCat("\n", interfaces.Text(colours)));
  return std::move(page).Take();
}

void AddStandalone(const v1::StandaloneState& state, absl::Time now, Page& page) {
  page.Add("State", absl::StrCat(kStandalone, ": it has no controller"));
  page.Add("Policy", absl::StrJoin(state.paths(), ", "));
  if (!state.files_problem().empty()) page.Add("", state.files_problem(), Colour::kYellow, "");
  if (state.on_trial() == 0) return;
  page.Add("On trial", absl::StrCat("revision ", state.on_trial()), Colour::kYellow,
           absl::StrCat(": undone ", Moment(state.confirm_until(), now),
                        " unless `firebreak --local confirm` comes first"));
}

}  // namespace

std::string HostPage(const v1::Host& host, absl::Time now, bool colours) {
  Page page(colours);
  page.Add("Name", host.name());
  page.Add("State", host.state(), StateColour(host.state()),
           absl::StrCat(", last seen ", Moment(host.last_seen(), now)));
  if (host.has_connection_refused()) AddConnectionRefusal(host, now, page);
  page.Add("Labels", Labels(host));
  page.Add("Groups", absl::StrJoin(host.groups(), ", "));
  page.Add("Agent", host.agent_version());
  page.Add("Kernel", host.facts().kernel());
  page.Add("Address", host.address());
  page.Add("Enrolled", Moment(host.enrolled_at(), now));
  AddEnforcement(host, now, page);
  return Finish(host, now, colours, std::move(page));
}

std::string LocalHostPage(const v1::Host& host, const v1::StatusAnswer& status, absl::Time now,
                          bool colours) {
  Page page(colours);
  page.Add("Name", host.name());
  if (status.has_standalone()) {
    AddStandalone(status.standalone(), now, page);
    page.Add("Agent", status.agent_version());
    page.Add("Kernel", host.facts().kernel());
    AddEnforcement(host, now, page);
    return Finish(host, now, colours, std::move(page));
  }
  page.Add(
      "State", host.state(), StateColour(host.state()),
      absl::StrCat(" at ", status.controller(), ", ", status.connected() ? "since " : "last tried ",
                   Moment(status.connection_changed_at(), now)));
  if (!status.connection_error().empty()) page.Add("", status.connection_error());
  page.Add("Agent", status.agent_version());
  page.Add("Kernel", host.facts().kernel());
  page.Add("Certificate", absl::StrCat("until ", Moment(status.certificate_ends(), now)));
  AddEnforcement(host, now, page);
  return Finish(host, now, colours, std::move(page));
}

}  // namespace firebreak::cli
