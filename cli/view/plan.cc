// SPDX-License-Identifier: Apache-2.0
#include "cli/view/plan.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "base/text/escape.h"
#include "cli/output/colour.h"
#include "cli/view/violations.h"

namespace firebreak::cli {
namespace {

// Nobody reads longer lists; -o json has everything.
constexpr int kMostHosts = 8, kMostClasses = 20, kMostParts = 12;

using InternedStrings = google::protobuf::RepeatedPtrField<std::string>;

std::string Counted(uint32_t count, absl::string_view one, absl::string_view many) {
  return absl::StrCat(count, " ", count == 1 ? one : many);
}

std::string List(const InternedStrings& texts, int most) {
  std::string list;
  const int shown = std::min(texts.size(), most);
  for (int i = 0; i < shown; ++i) absl::StrAppend(&list, i == 0 ? "" : ", ", Escape(texts[i]));
  if (texts.size() > shown) absl::StrAppend(&list, " and ", texts.size() - shown, " more");
  return list;
}

absl::string_view Word(v1::PacketClass::Change change) {
  switch (change) {
    case v1::PacketClass::opened: return "opened";
    case v1::PacketClass::closed: return "closed";
    default: return "changed";
  }
}

Colour ColourOf(v1::PacketClass::Change change) {
  switch (change) {
    case v1::PacketClass::opened: return Colour::kGreen;
    case v1::PacketClass::closed: return Colour::kRed;
    default: return Colour::kYellow;
  }
}

std::string Traffic(const v1::PacketClass& packets) {
  std::string text = packets.traffic().empty() ? "anything" : List(packets.traffic(), kMostParts);
  if (!packets.traffic_except().empty()) {
    absl::StrAppend(&text, " but ", List(packets.traffic_except(), kMostParts));
  }
  if (!packets.source_ports().empty()) {
    absl::StrAppend(&text, " from port ", Escape(packets.source_ports()));
  }
  return text;
}

std::string Remote(const v1::PacketClass& packets) {
  const absl::string_view side = packets.direction() == "in" ? "from " : "to ";
  if (packets.remote_except().empty()) {
    return absl::StrCat(side,
                        packets.remote().empty() ? "anywhere" : List(packets.remote(), kMostParts));
  }
  return absl::StrCat(side, "anywhere but ", List(packets.remote_except(), kMostParts));
}

// Returns a text such as "admitted: mapping ssh of policy laptops (policy.yaml:12)".
std::string Ruling(const v1::PacketRuling& ruling) {
  std::string text = absl::StrCat(Escape(ruling.outcome()), ": ", Escape(ruling.cause()));
  if (!ruling.file().empty()) {
    absl::StrAppend(&text, " (", Escape(ruling.file()), ":", ruling.line(), ")");
  }
  return text;
}

std::string Witness(const v1::PacketClass& packets) {
  const v1::PacketWitness& witness = packets.witness();
  const bool inward = packets.direction() == "in";
  std::string text = absl::StrCat(Escape(witness.protocol()), inward ? " from " : " to ",
                                  Escape(witness.remote()));
  if (witness.destination_port() != 0 || witness.source_port() != 0) {
    absl::StrAppend(&text, inward ? absl::StrCat(" to port ", witness.destination_port())
                                  : absl::StrCat(" port ", witness.destination_port()));
    if (!packets.source_ports().empty()) {
      absl::StrAppend(&text, " by port ", witness.source_port());
    }
  }
  if (witness.protocol().rfind("icmp", 0) == 0) {
    absl::StrAppend(&text, " type ", witness.icmp_type(), " code ", witness.icmp_code());
  }
  if (!witness.confirmed()) {
    absl::StrAppend(&text,
                    "; the compiled rules do NOT agree, which is an error of Firebreak's: "
                    "please report it");
  }
  return text;
}

std::string Place(const v1::PlanPlace& place) {
  std::string text = Escape(place.location());
  if (!place.interfaces().empty()) absl::StrAppend(&text, ", ", Escape(place.interfaces()));
  if (!place.note().empty()) absl::StrAppend(&text, " (", Escape(place.note()), ")");
  return text;
}

std::string Places(const v1::PlanDifference& difference) {
  std::vector<std::string> texts;
  for (const v1::PlanPlace& place : difference.places()) texts.push_back(Place(place));
  return absl::StrJoin(texts, "; ");
}

std::string Setting(const v1::SettingChange& change) {
  std::string text = absl::StrCat(Escape(change.name()), ": ", Escape(change.before()), " -> ",
                                  Escape(change.after()));
  if (!change.policy().empty()) absl::StrAppend(&text, " (policy ", Escape(change.policy()), ")");
  return text;
}

constexpr char kIncomplete[] =
    "the policies differ too much for a complete comparison: more may change than is listed here";

std::string Hosts(const v1::PlanGroup& group) {
  return absl::StrCat(Counted(static_cast<uint32_t>(group.hosts_size()), "host", "hosts"), ": ",
                      List(group.hosts(), kMostHosts));
}

bool IsNothing(const v1::Plan& plan) { return plan.groups().empty() && plan.complete(); }

void AppendClass(const v1::PacketClass& packets, bool colours, std::string& text) {
  const absl::string_view word = Word(packets.change());
  absl::StrAppend(&text, "    ", Paint(word, ColourOf(packets.change()), colours),
                  std::string(9 - word.size(), ' '),
                  packets.direction() == "in" ? "in   " : "out  ", Traffic(packets), " ",
                  Remote(packets), "\n");
  absl::StrAppend(&text, "             before  ", Ruling(packets.before()), "\n");
  absl::StrAppend(&text, "             after   ", Ruling(packets.after()), "\n");
  absl::StrAppend(&text, "             such as ", Witness(packets), "\n");
}

std::string LoggedLine(const v1::LoggedTraffic& traffic) {
  std::string text = absl::StrCat(
      Escape(traffic.service()), traffic.direction() == "in" ? " from " : " to ",
      Escape(traffic.remote()), ", ", traffic.times(), traffic.times() == 1 ? " time" : " times",
      ", last ",
      absl::FormatTime("%Y-%m-%d %H:%M", absl::FromUnixSeconds(traffic.last().seconds()),
                       absl::UTCTimeZone()),
      ", on ", List(traffic.hosts(), 3));
  return absl::StrCat(text, "; ", Ruling(traffic.ruling()));
}

std::string FlowLine(const v1::LiveFlow& flow) {
  return absl::StrCat(Escape(flow.host()), ": ", Escape(flow.service()),
                      flow.direction() == "in" ? " from " : " to ", Escape(flow.remote()), "; ",
                      Ruling(flow.ruling()));
}

// Returns headings, each with its lines.
std::vector<std::pair<std::string, std::vector<std::string>>> EvidenceLines(
    const v1::PlanEvidence& evidence) {
  std::vector<std::pair<std::string, std::vector<std::string>>> sections;
  if (evidence.flows_cut() > 0) {
    auto& section = sections.emplace_back();
    section.first =
        absl::StrCat(evidence.flows_cut(), evidence.flows_cut() == 1 ? " live flow" : " live flows",
                     " would not be admitted any more");
    for (const v1::LiveFlow& flow : evidence.flows()) section.second.push_back(FlowLine(flow));
  }
  if (!evidence.not_answered().empty()) {
    sections.push_back({absl::StrCat("not asked for live flows, or without an answer: ",
                                     List(evidence.not_answered(), kMostHosts)),
                        {}});
  }
  const auto add = [&](const auto& list, absl::string_view heading) {
    if (list.empty()) return;
    auto& section = sections.emplace_back();
    section.first = std::string(heading);
    for (const v1::LoggedTraffic& traffic : list) section.second.push_back(LoggedLine(traffic));
  };
  add(evidence.closed(), "connections seen that would now be dropped");
  add(evidence.opened(), "drops seen that would now be admitted");
  if (evidence.has_log_since() && !evidence.log_complete()) {
    sections.push_back({"the log could not be read as a whole: there may be more of it", {}});
  }
  for (auto& [heading, lines] : sections) {
    if (lines.size() <= kMostClasses) continue;
    const size_t more = lines.size() - kMostClasses;
    lines.resize(kMostClasses);
    lines.push_back(absl::StrCat("and ", more, " more: see -o json"));
  }
  return sections;
}

// Returns one line for each wave.
std::vector<std::string> WaveLines(const v1::Plan& plan) {
  std::vector<std::string> lines;
  for (const v1::PlannedWave& wave : plan.waves()) {
    lines.push_back(absl::StrCat("wave ", lines.size() + 1, ": ",
                                 Counted(static_cast<uint32_t>(wave.hosts_size()), "host", "hosts"),
                                 ": ", List(wave.hosts(), kMostHosts)));
  }
  return lines;
}

// Returns the sections below the changes: headings, each with its lines.
std::vector<std::pair<std::string, std::vector<std::string>>> Sections(const v1::Plan& plan) {
  auto sections = EvidenceLines(plan.evidence());
  if (!plan.waves().empty()) {
    sections.emplace_back(
        plan.strategy().empty()
            ? "the change goes out in waves"
            : absl::StrCat("the change goes out by the strategy ", Escape(plan.strategy())),
        WaveLines(plan));
  }
  return sections;
}

}  // namespace

std::string PlanSummary(const v1::Plan& plan) {
  if (IsNothing(plan)) return "no packet is treated otherwise, and no setting changes\n";
  std::vector<std::string> parts;
  if (plan.opened() > 0) parts.push_back(absl::StrCat(plan.opened(), " opened"));
  if (plan.closed() > 0) parts.push_back(absl::StrCat(plan.closed(), " closed"));
  if (plan.otherwise() > 0) parts.push_back(absl::StrCat(plan.otherwise(), " changed otherwise"));
  const uint32_t classes = plan.opened() + plan.closed() + plan.otherwise();
  std::string text = parts.empty() ? "no packet that begins a flow is treated otherwise"
                                   : absl::StrCat("packets: ", absl::StrJoin(parts, ", "),
                                                  classes == 1 ? " (a class)" : " (classes)");
  if (plan.settings() > 0) {
    absl::StrAppend(&text, "; ", Counted(plan.settings(), "setting", "settings"));
  }
  absl::StrAppend(&text, "; on ", plan.hosts_concerned(), " of ",
                  Counted(plan.hosts(), "host", "hosts"), "\n");
  if (!plan.complete()) absl::StrAppend(&text, kIncomplete, "\n");
  return text;
}

std::string PlanPage(const v1::Plan& plan, bool colours) {
  std::string text = PlanSummary(plan);
  for (const std::string& warning : plan.warnings()) {
    absl::StrAppend(&text, "warning: ", Escape(warning), "\n");
  }
  if (!plan.violations().empty()) {
    absl::StrAppend(&text, "\n", ViolationLines(plan.violations(), colours));
  }
  for (const v1::PlanGroup& group : plan.groups()) {
    absl::StrAppend(&text, "\n", Paint(Hosts(group), Colour::kBold, colours), "\n");
    for (const v1::PlanDifference& difference : group.differences()) {
      absl::StrAppend(&text, "  at ", Places(difference), "\n");
      const int shown = std::min(difference.packets_size(), kMostClasses);
      for (int i = 0; i < shown; ++i) AppendClass(difference.packets(i), colours, text);
      if (difference.packets_size() > shown) {
        absl::StrAppend(&text, "    and ", difference.packets_size() - shown,
                        " smaller classes of packets: see -o json\n");
      }
      for (const v1::SettingChange& change : difference.settings()) {
        absl::StrAppend(&text, "    ", Paint("setting", Colour::kYellow, colours), "  ",
                        Setting(change), "\n");
      }
      if (!difference.complete()) absl::StrAppend(&text, "    ", kIncomplete, "\n");
    }
  }
  for (const auto& [heading, lines] : Sections(plan)) {
    absl::StrAppend(&text, "\n", Paint(heading, Colour::kBold, colours), "\n");
    for (const std::string& line : lines) absl::StrAppend(&text, "  ", line, "\n");
  }
  if (!plan.id().empty() && !IsNothing(plan)) {
    absl::StrAppend(&text, "\nplan ", plan.id(), " against revision ", plan.revision(),
                    "; `firebreak apply --plan ", plan.id(), " -f …` makes exactly this change\n");
  }
  return text;
}

std::string PlanMarkdown(const v1::Plan& plan) {
  // In a table a "|" would begin a new cell.
  const auto cell = [](std::string text) {
    std::string escaped;
    for (const char c : text) {
      if (c == '|' || c == '*' || c == '_' || c == '`' || c == '<') escaped.push_back('\\');
      escaped.push_back(c);
    }
    return escaped;
  };
  std::string text = absl::StrCat("### Firebreak plan\n\n", PlanSummary(plan));
  for (const v1::Violation& violation : plan.violations()) {
    Violations one;
    *one.Add() = violation;
    std::string line = cell(ViolationLines(one, false));
    line.pop_back();
    absl::StrAppend(&text, violation.warns_only() || violation.before() ? "\n- " : "\n- ❌ ", line,
                    "\n");
  }
  for (const v1::PlanGroup& group : plan.groups()) {
    absl::StrAppend(&text, "\n#### ", cell(Hosts(group)), "\n");
    for (const v1::PlanDifference& difference : group.differences()) {
      absl::StrAppend(&text, "\nAt ", cell(Places(difference)), ":\n");
      if (!difference.packets().empty()) {
        absl::StrAppend(&text, "\n| | | packets | before | after | such as |\n",
                        "|---|---|---|---|---|---|\n");
      }
      const int shown = std::min(difference.packets_size(), kMostClasses);
      for (int i = 0; i < shown; ++i) {
        const v1::PacketClass& packets = difference.packets(i);
        absl::StrAppend(&text, "| **", Word(packets.change()), "** | ", packets.direction(), " | ",
                        cell(absl::StrCat(Traffic(packets), " ", Remote(packets))), " | ",
                        cell(Ruling(packets.before())), " | ", cell(Ruling(packets.after())), " | ",
                        cell(Witness(packets)), " |\n");
      }
      if (difference.packets_size() > shown) {
        absl::StrAppend(&text, "\n… and ", difference.packets_size() - shown,
                        " smaller classes of packets\n");
      }
      if (!difference.settings().empty()) absl::StrAppend(&text, "\n");
      for (const v1::SettingChange& change : difference.settings()) {
        absl::StrAppend(&text, "- ", cell(Setting(change)), "\n");
      }
    }
  }
  for (const auto& [heading, lines] : Sections(plan)) {
    absl::StrAppend(&text, "\n**", cell(heading), "**\n", lines.empty() ? "" : "\n");
    for (const std::string& line : lines) absl::StrAppend(&text, "- ", cell(line), "\n");
  }
  return text;
}

}  // namespace firebreak::cli
