// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status/status.h"
#include "policy/import/firewalld_direct.h"
#include "policy/import/firewalld_rule.h"
#include "policy/import/import.h"
#include "policy/import/xml.h"

namespace firebreak::importer {
namespace {

using Placed = FirewalldRules::Placed;
using Files = std::map<std::string, SourceText>;

// A zone as its file describes it.
struct Zone {
  std::string name;
  const SourceText* file = nullptr;
  XmlElement xml;
  std::vector<std::string> interfaces;
  std::vector<Addresses> sources;
};

// Builds the chains that firewalld 1.x makes (src/firewall/core/nftables.py), one chain for each
// zone.
class Builder {
 public:
  Builder(const Files& files, Report& report) : files_(files), report_(report), rules_(files) {
    if (const std::string name = Setting("DefaultZone"); !name.empty()) default_zone_ = name;
  }

  absl::StatusOr<Ruleset> Build() {
    RETURN_IF_ERROR(ReadZones());
    const auto found = std::find_if(zones_.begin(), zones_.end(),
                                    [&](const Zone& zone) { return zone.name == default_zone_; });
    if (found == zones_.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("there is no file of the default zone: zones/", default_zone_, ".xml"));
    }

    table_.chains["INPUT"].base = {Hook::kInput, 10, false, Verdict::kReject};
    table_.chains["FORWARD"].base = {Hook::kForward, 10, false, Verdict::kReject};
    table_.chains["OUTPUT"].base = {Hook::kOutput, 10, false, Verdict::kAccept};
    table_.chains["PREROUTING"].base = {Hook::kPrerouting, -90, true, Verdict::kAccept};
    table_.chains["POSTROUTING"].base = {Hook::kPostrouting, 110, true, Verdict::kAccept};
    for (const char* chain : {"INPUT", "FORWARD"}) {
      Rule sent_on = Always(Verdict::kAccept);
      sent_on.match.sent_on = kSentOn;
      table_.chains[chain].rules.push_back(sent_on);
      // Packets of established and related flows pass.
      Rule known = Always(Verdict::kAccept);
      known.match.states = kEstablished | kRelated;
      table_.chains[chain].rules.push_back(known);
    }
    for (const Zone& zone : zones_) WriteZone(zone);
    RETURN_IF_ERROR(ReadPolicies());
    Dispatch(*found);
    ASSIGN_OR_RETURN(std::vector<Table> direct, ReadFirewalldDirect(files_, report_));
    NoteSettings();
    Ruleset ruleset;
    ruleset.tables.push_back(std::move(table_));
    for (Table& table : direct) ruleset.tables.push_back(std::move(table));
    ruleset.helpers = rules_.helpers();
    return ruleset;
  }

 private:
  std::string Setting(absl::string_view key) const {
    const auto found = files_.find("firewalld.conf");
    if (found == files_.end()) return "";
    for (absl::string_view line : absl::StrSplit(found->second.text, '\n')) {
      line = absl::StripAsciiWhitespace(line);
      if (absl::ConsumePrefix(&line, key) && absl::ConsumePrefix(&line, "=")) {
        return std::string(absl::StripAsciiWhitespace(line));
      }
    }
    return "";
  }

  void NoteSettings() {
    if (Setting("IPv6_rpfilter") != "no") {
      report_.Note(
          "IPv6 packets are not checked for a way back (IPv6_rpfilter); the source of each is "
          "checked for being forged");
    }
    if (Setting("RFC3964_IPv4") != "no") {
      report_.Note("6to4 addresses of private IPv4 addresses are not refused (RFC3964_IPv4)");
    }
    report_.Note(
        "interfaces that only NetworkManager puts into a zone are not in these files: the default "
        "zone holds for them");
  }

  absl::Status ReadZones() {
    for (const auto& [path, source] : files_) {
      if (!absl::StartsWith(path, "zones/")) continue;
      RETURN_IF_ERROR(CheckSource(source));
      Zone zone;
      zone.name = std::string(absl::StripSuffix(absl::StripPrefix(path, "zones/"), ".xml"));
      zone.file = &source;
      ASSIGN_OR_RETURN(zone.xml, ReadXml(source));
      for (const XmlElement& part : zone.xml.children) {
        if (part.name == "interface") zone.interfaces.push_back(part.Get("name"));
        if (part.name != "source") continue;
        const size_t statement = Note(source, part);
        auto addresses = rules_.ReadAddresses(part);
        if (addresses.ok()) {
          zone.sources.push_back(*std::move(addresses));
        } else {
          report_.CannotSay(statement, addresses.status().message());
        }
      }
      for (std::string& name : zone.interfaces) {
        if (absl::EndsWith(name, "+")) name.back() = '*';
      }
      zones_.push_back(std::move(zone));
    }
    return absl::OkStatus();
  }

  size_t Note(const SourceText& source, const XmlElement& element) {
    return report_.Add(source.name, element.line, TextOf(element));
  }

  // Zones that no packet can reach are not imported.
  bool IsUsed(const Zone& zone) const {
    return !zone.interfaces.empty() || !zone.sources.empty() || zone.name == default_zone_;
  }

  static bool IsSetting(const XmlElement& part) {
    for (const char* name : {"short", "description", "interface", "source", "forward", "masquerade",
                             "icmp-block-inversion", "ingress-zone", "egress-zone"}) {
      if (part.name == name) return true;
    }
    return false;
  }

  // Returns the rules of a zone or a policy in the order in which firewalld puts them into chains.
  std::vector<Rule> RulesOf(const SourceText& source, const XmlElement& xml,
                            std::vector<Rule>& changes) {
    const bool inverted = xml.Find("icmp-block-inversion") != nullptr;
    std::vector<Placed> all;
    for (const XmlElement& part : xml.children) {
      if (IsSetting(part)) continue;
      const size_t statement = Note(source, part);
      auto forward = rules_.ReadForwardPort(part);
      if (forward.ok() && !forward->empty()) {
        for (Rule& rule : *forward) {
          rule.statement = statement;
          changes.push_back(std::move(rule));
        }
        continue;
      }
      auto placed = forward.ok() ? rules_.Read(part, inverted) : forward.status();
      if (!placed.ok()) {
        report_.CannotSay(statement, placed.status().message());
        continue;
      }
      for (Placed& one : *placed) {
        one.rule.statement = statement;
        all.push_back(std::move(one));
      }
    }
    std::stable_sort(all.begin(), all.end(), [](const Placed& a, const Placed& b) {
      if (a.priority != b.priority) return a.priority < b.priority;
      return a.priority == 0 && a.refuses && !b.refuses;
    });
    std::vector<Rule> rules;
    for (Placed& one : all) rules.push_back(std::move(one.rule));
    return rules;
  }

  static Rule Always(Verdict verdict) {
    Rule rule;
    rule.statement = kNoStatement;
    rule.verdict = verdict;
    return rule;
  }

  // Returns the zone's target, which decides where no rule of the zone does.
  static std::vector<Rule> TargetOf(const XmlElement& xml, bool forward) {
    const std::string target = xml.Get("target");
    if (target == "ACCEPT") return {Always(Verdict::kAccept)};
    if (target == "DROP") return {Always(Verdict::kDrop)};
    std::vector<Rule> rules;
    if (!forward && target != "%%REJECT%%" && xml.Find("icmp-block-inversion") == nullptr) {
      Rule icmp = Always(Verdict::kAccept);
      icmp.match.protocols.reset();
      icmp.match.protocols.set(kIcmp);
      icmp.match.protocols.set(kIcmpv6);
      rules.push_back(icmp);
    }
    rules.push_back(Always(Verdict::kReject));
    return rules;
  }

  // Returns matches for what leaves by the zone's interfaces, or is sent to its sources.
  static std::vector<Match> Towards(const Zone& zone) {
    std::vector<Match> ways;
    if (!zone.interfaces.empty()) {
      ways.emplace_back();
      ways.back().out = Named(zone.interfaces);
    }
    for (const Addresses& addresses : zone.sources) {
      ways.emplace_back();
      ways.back().to = addresses;
      Normalise(ways.back());
    }
    return ways;
  }

  void WriteZone(const Zone& zone) {
    if (!IsUsed(zone)) return;
    std::vector<Rule> changes;
    std::vector<Rule> in = RulesOf(*zone.file, zone.xml, changes);
    const std::vector<Rule> target = TargetOf(zone.xml, false);
    in.insert(in.end(), target.begin(), target.end());
    table_.chains[absl::StrCat("IN ", zone.name)].rules = std::move(in);
    table_.chains[absl::StrCat("PRE ", zone.name)].rules = std::move(changes);
    std::vector<Rule> forward;
    if (zone.xml.Find("forward") != nullptr) {
      for (Match& way : Towards(zone)) {
        forward.push_back(Always(Verdict::kAccept));
        forward.back().match = std::move(way);
      }
    }
    const std::vector<Rule> rest = TargetOf(zone.xml, true);
    forward.insert(forward.end(), rest.begin(), rest.end());
    table_.chains[absl::StrCat("FWD ", zone.name)].rules = std::move(forward);
    if (const XmlElement* masquerade = zone.xml.Find("masquerade")) {
      Rule rule = Always(Verdict::kMasquerade);
      rule.statement = Note(*zone.file, *masquerade);
      if (!zone.interfaces.empty()) rule.match.out = Named(zone.interfaces);
      rule.match.DropV6();
      table_.chains["POSTROUTING"].rules.push_back(std::move(rule));
    }
  }

  // Sends packets to the zone of their source, else to the zone of their interface, else to the
  // default zone.
  void Dispatch(const Zone& by_default) {
    for (const auto& [base, chain] : {std::pair<const char*, const char*>{"INPUT", "IN "},
                                      {"FORWARD", "FWD "},
                                      {"PREROUTING", "PRE "}}) {
      std::vector<Rule>& rules = table_.chains[base].rules;
      const auto add = [&](const Zone& zone, const Match& match) {
        Rule rule = Always(Verdict::kGoto);
        rule.match = match;
        rule.target = absl::StrCat(chain, zone.name);
        rules.push_back(std::move(rule));
      };
      for (const Zone& zone : zones_) {
        for (const Addresses& addresses : zone.sources) {
          Match match;
          match.from = addresses;
          Normalise(match);
          add(zone, match);
        }
      }
      for (const Zone& zone : zones_) {
        if (zone.interfaces.empty()) continue;
        Match match;
        match.in = Named(zone.interfaces);
        add(zone, match);
      }
      add(by_default, Match());
    }
  }

  // Reads policies between zones. A policy with negative priority is consulted before the zone's
  // own rules, any other after them.
  absl::Status ReadPolicies() {
    std::vector<std::pair<int, const SourceText*>> files;
    std::map<const SourceText*, XmlElement> read;
    for (const auto& [path, source] : files_) {
      if (!absl::StartsWith(path, "policies/")) continue;
      RETURN_IF_ERROR(CheckSource(source));
      ASSIGN_OR_RETURN(XmlElement xml, ReadXml(source));
      int priority = -1;
      if (!absl::SimpleAtoi(xml.Get("priority"), &priority)) priority = -1;
      files.emplace_back(priority, &source);
      read[&source] = std::move(xml);
    }
    // Each policy is inserted in front of those before it, so the one to be consulted first comes
    // last.
    std::stable_sort(files.begin(), files.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& [priority, source] : files) WritePolicy(priority, *source, read[source]);
    return absl::OkStatus();
  }

  void WritePolicy(int priority, const SourceText& source, const XmlElement& xml) {
    std::vector<std::string> from, to;
    for (const XmlElement& part : xml.children) {
      if (part.name == "ingress-zone") from.push_back(part.Get("name"));
      if (part.name == "egress-zone") to.push_back(part.Get("name"));
    }
    if (from.empty() || to.empty()) return;
    std::vector<Rule> changes;
    const std::string name = absl::StrCat("POLICY ", source.name);
    std::vector<Rule> rules = RulesOf(source, xml, changes);
    const std::string target = xml.Get("target");
    if (target == "ACCEPT" || target == "DROP" || target == "REJECT") {
      rules.push_back(Always(target == "ACCEPT" ? Verdict::kAccept
                             : target == "DROP" ? Verdict::kDrop
                                                : Verdict::kReject));
    }
    for (const Rule& change : changes) {
      report_.CannotSay(change.statement, "policies of zones send nothing on; say it in a zone");
    }
    if (const XmlElement* masquerade = xml.Find("masquerade")) {
      report_.CannotSay(Note(source, *masquerade),
                        "`sharing` has a public and a private side; put the one into the zone");
    }
    table_.chains[name].rules = std::move(rules);
    Rule jump = Always(Verdict::kJump);
    jump.target = name;
    const bool first = priority < 0;
    const auto put = [&](const std::string& chain, const Rule& rule) {
      auto found = table_.chains.find(chain);
      if (found == table_.chains.end()) return;
      std::vector<Rule>& into = found->second.rules;
      // A zone's rules end with its target, which decides about everything, so the policy goes
      // before it.
      auto place = into.begin();
      if (!first) {
        place = into.end();
        while (place != into.begin() && std::prev(place)->statement == kNoStatement) --place;
      }
      into.insert(place, rule);
    };
    for (const std::string& ingress : from) {
      for (const std::string& egress : to) {
        for (const Zone& zone : zones_) {
          if (ingress != "ANY" && ingress != zone.name) continue;
          if (egress == "HOST") put(absl::StrCat("IN ", zone.name), jump);
          if (egress == "ANY") put(absl::StrCat("FWD ", zone.name), jump);
          for (const Zone& other : zones_) {
            if (egress != other.name) continue;
            for (const Match& way : Towards(other)) {
              Rule to_zone = jump;
              to_zone.match = way;
              put(absl::StrCat("FWD ", zone.name), to_zone);
            }
          }
        }
        if (ingress != "HOST") continue;
        std::vector<Match> ways = {Match()};
        for (const Zone& other : zones_) {
          if (egress == other.name) ways = Towards(other);
        }
        for (const Match& way : ways) {
          Rule out = jump;
          out.match = way;
          auto& output = table_.chains["OUTPUT"].rules;
          output.insert(first ? output.begin() : output.end(), out);
        }
      }
    }
  }

  const Files& files_;
  Report& report_;
  std::string default_zone_ = "public";
  FirewalldRules rules_;
  std::vector<Zone> zones_;
  Table table_;
};

}  // namespace

absl::StatusOr<Imported> ImportFirewalld(const std::map<std::string, SourceText>& files,
                                         const Naming& naming) {
  Imported imported;
  ASSIGN_OR_RETURN(const Ruleset ruleset, Builder(files, imported.report).Build());
  ASSIGN_OR_RETURN(imported.resources, BuildPolicies(ruleset, naming, imported.report));
  return imported;
}

}  // namespace firebreak::importer
