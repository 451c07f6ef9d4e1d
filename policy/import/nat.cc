// SPDX-License-Identifier: Apache-2.0
#include "policy/import/nat.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <span>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "policy/import/mapping.h"
#include "policy/import/words.h"

namespace firebreak::importer {
namespace {

void CannotSay(const Flat& flat, absl::string_view why, Report& report) {
  for (const size_t statement : flat.statements) report.CannotSay(statement, why);
}

bool ChangesDestination(const Flat& flat) {
  return flat.verdict == Verdict::kRedirect || flat.verdict == Verdict::kSendOn;
}

// Bridges that container engines and hypervisors make, and whose outgoing packets they masquerade
// themselves.
bool IsEngineBridge(const std::string& name) {
  static constexpr const char* kBegins[] = {"docker", "br-",   "cni",  "podman",  "virbr",
                                            "lxdbr",  "lxcbr", "kube", "flannel", "cali"};
  return std::any_of(std::begin(kBegins), std::end(kBegins),
                     [&](const char* begin) { return absl::StartsWith(name, begin); });
}

// Returns the rules that change destinations at the hook.
absl::StatusOr<std::vector<Flat>> ChangesAt(const Ruleset& ruleset, Hook hook, bool v4, bool v6,
                                            Report& report) {
  Match packets = PacketsOf(Way::kOut, v4, v6, false);
  packets.out = Interfaces();
  std::vector<Flat> all;
  for (const bool six : {false, true}) {
    if (!(six ? v6 : v4)) continue;
    Match of_family = packets;
    if (six) {
      of_family.DropV4();
    } else {
      of_family.DropV6();
    }
    const Hook hooks[] = {hook};
    ASSIGN_OR_RETURN(std::vector<Flat> rules,
                     Flatten(ruleset, hooks, /*nat=*/true, of_family, report));
    // The last rule covers what is left unchanged, unless a rule changes everything.
    if (rules.back().verdict == Verdict::kAccept) rules.pop_back();
    std::move(rules.begin(), rules.end(), std::back_inserter(all));
  }
  return all;
}

// Returns the packets of `change` as the filter sees them after the change.
absl::StatusOr<Match> AsSentOn(const Flat& change) {
  Match match = change.match;
  match.sent_on = kSentOn;
  match.destinations = kAllDestinations;
  match.to = {AllV4(), AllV6()};
  if (change.verdict == Verdict::kSendOn) {
    ASSIGN_OR_RETURN(match.to, ParseAddress(change.target));
  }
  if (change.port != 0) match.ports = IntervalSet::Of(change.port, change.port);
  if (!match.HasV4()) match.to.v4 = IntervalSet();
  if (!match.HasV6()) match.to.v6 = IntervalSet();
  Normalise(match);
  return match;
}

class SendOnReader {
 public:
  SendOnReader(Decisions here, Decisions through, Report& report)
      : here_(std::move(here)), through_(std::move(through)), report_(report) {}

  absl::Status Take(const Flat& change) {
    if (change.verdict == Verdict::kRedirect && change.port == 0) {
      CannotSay(change, "`forward_to` names the port that is redirected to", report_);
      return absl::OkStatus();
    }
    if (change.port != 0 && !change.match.ports.IsOneNumber() && !change.by_engine) {
      CannotSay(change, "a range of ports cannot be sent to one port; make a rule for each",
                report_);
      return absl::OkStatus();
    }
    const bool to_own = change.match.destinations == kOwn || change.match.to.v4 != AllV4();
    if (!to_own && !change.by_engine) {
      report_.Note(
          "`forward_to` sends on what is sent to this host itself, not what it forwards for "
          "others");
    }
    ASSIGN_OR_RETURN(const Match judged, AsSentOn(change));
    if (IsEmpty(judged)) return absl::OkStatus();
    const bool here = change.verdict == Verdict::kRedirect;
    const Decisions& filter = here ? here_ : through_;
    const std::optional<Interfaces> way = here ? std::nullopt : WayTo(judged.to);
    for (const Flat& rule : filter.rules) {
      if (way.has_value() && Intersect(rule.match.out, *way).IsEmpty()) continue;
      if (Judge(change, judged, rule, here)) return absl::OkStatus();
    }
    Flat rest;
    rest.verdict = filter.rest;
    Judge(change, judged, rest, here);
    return absl::OkStatus();
  }

  std::vector<Flat> Finish() { return std::move(found_); }

 private:
  // Returns the interface by which the target is reached, if the rules that name the target agree.
  std::optional<Interfaces> WayTo(const Addresses& target) const {
    std::optional<Interfaces> way;
    for (const Flat& rule : through_.rules) {
      const bool names = rule.match.to.v4 == target.v4 && rule.match.to.v6 == target.v6;
      if (!names || !rule.match.out.included.has_value()) continue;
      if (way.has_value() && way->included != rule.match.out.included) return std::nullopt;
      way = rule.match.out;
    }
    return way;
  }

  // Adds what the filter's `rule` decides about the changed packets. Returns whether it decides
  // about all of them.
  bool Judge(const Flat& change, const Match& judged, const Flat& rule, bool here) {
    Match match = rule.match;
    // The outgoing interface is not known until the packet leaves.
    match.out = Interfaces();
    match.destinations = kAllDestinations;
    if (here && match.to != Addresses{AllV4(), AllV6()}) match.to = judged.to;
    const std::optional<Match> both = Intersect(judged, match);
    if (!both.has_value() || IsEmpty(*both)) return false;
    Flat sent = change;
    sent.verdict = rule.verdict;
    sent.statements.insert(rule.statements.begin(), rule.statements.end());
    if (sent.description.empty()) sent.description = rule.description;
    sent.match.in = both->in;
    sent.match.from = both->from;
    sent.match.source_ports = both->source_ports;
    if (change.port == 0) sent.match.ports = both->ports;
    if (both->HasCondition() && !change.by_engine) {
      CannotSay(rule, "a limit cannot be had together with `forward_to`", report_);
    }
    sent.log = rule.log;
    sent.log_limited = rule.log_limited;
    sent.log_rate = rule.log_rate;
    sent.match.destinations = kAllDestinations;
    sent.match.sent_on = kNotSentOn;
    if (change.by_engine) {
      // The engine keeps changing the destination itself, and lets its containers use the port as
      // well.
      sent.match.in.excluded.clear();
      sent.target.clear();
      sent.port = 0;
    } else if (rule.verdict != Verdict::kAccept) {
      sent.target.clear();
      sent.port = 0;
    }
    Normalise(sent.match);
    found_.push_back(std::move(sent));
    return *both == judged;
  }

  const Decisions here_, through_;
  Report& report_;
  std::vector<Flat> found_;
};

// Removes from `match` the packets that earlier rules leave unchanged. Returns false if these are
// not simply all packets from certain interfaces.
bool LeaveOut(std::span<const Flat> before, Match& match) {
  for (const Flat& rule : before) {
    if (rule.by_engine || !Overlap(rule.match, match)) continue;
    Match part = match;
    part.in = Intersect(match.in, rule.match.in);
    if (!rule.match.in.included.has_value() || !Within(part, rule.match)) return false;
    match.in = Intersect(match.in, AllBut(*rule.match.in.included));
  }
  return true;
}

// Whether all packets of `match` are accepted.
bool AcceptsAll(const Decisions& decisions, const Match& match) {
  for (const Flat& rule : decisions.rules) {
    if (!Overlap(rule.match, match)) continue;
    if (rule.verdict != Verdict::kAccept || rule.match.HasCondition()) return false;
    if (Within(match, rule.match)) return true;
  }
  return decisions.rest == Verdict::kAccept;
}

// Returns the interfaces whose new flows may leave by `out`.
std::set<std::string> SendersTo(const std::string& out, const Decisions& through) {
  std::set<std::string> names;
  for (const Flat& rule : through.rules) {
    const Interfaces& in = rule.match.in;
    if (rule.verdict != Verdict::kAccept || !in.included.has_value()) continue;
    if (!Within(Named({out}), rule.match.out)) continue;
    for (const std::string& name : *in.included) {
      if (name != out && !absl::EndsWith(name, "*") && !IsEngineBridge(name)) names.insert(name);
    }
  }
  return names;
}

}  // namespace

absl::StatusOr<std::vector<Flat>> SentOnRules(const Ruleset& ruleset, bool v4, bool v6,
                                              Report& report) {
  ASSIGN_OR_RETURN(const std::vector<Flat> local,
                   ChangesAt(ruleset, Hook::kOutput, v4, v6, report));
  for (const Flat& change : local) {
    if (!ChangesDestination(change) || change.by_engine) continue;
    CannotSay(change, "what the host itself sends is not sent elsewhere", report);
  }
  ASSIGN_OR_RETURN(const std::vector<Flat> changes,
                   ChangesAt(ruleset, Hook::kPrerouting, v4, v6, report));
  if (std::none_of(changes.begin(), changes.end(), ChangesDestination)) return std::vector<Flat>();
  Report unused = report;
  ASSIGN_OR_RETURN(Decisions here, Decide(ruleset, Way::kIn, v4, v6, true, unused));
  ASSIGN_OR_RETURN(Decisions through, Decide(ruleset, Way::kThrough, v4, v6, true, unused));
  SendOnReader reader(std::move(here), std::move(through), report);
  for (auto change = changes.begin(); change != changes.end(); ++change) {
    if (!ChangesDestination(*change)) continue;
    Flat rest = *change;
    const bool said = change->by_engine || LeaveOut({changes.begin(), change}, rest.match);
    if (!said) {
      CannotSay(*change, "a rule before it leaves some of it as it is", report);
    } else if (!IsEmpty(rest.match)) {
      RETURN_IF_ERROR(reader.Take(rest));
    }
  }
  return reader.Finish();
}

absl::StatusOr<std::optional<v1::Sharing>> SharingOf(const Ruleset& ruleset, bool v4, bool v6,
                                                     const Decisions& in, const Decisions& through,
                                                     std::set<std::string>& restricted,
                                                     Report& report) {
  ASSIGN_OR_RETURN(const std::vector<Flat> changes,
                   ChangesAt(ruleset, Hook::kPostrouting, v4, v6, report));
  v1::Sharing sharing;
  std::set<std::string> publics, privates, prefixes;
  bool from_all = false;
  for (const Flat& change : changes) {
    if (change.verdict != Verdict::kMasquerade) continue;
    const Match& match = change.match;
    const auto& not_out = match.out.excluded;
    if (change.by_engine ||
        (!not_out.empty() && std::all_of(not_out.begin(), not_out.end(), IsEngineBridge))) {
      continue;  // the engine masquerades these itself
    }
    // This rule lets a container reach itself by its published port.
    if (match.from == match.to && match.from != Addresses{AllV4(), IntervalSet()} &&
        match.from != Addresses{IntervalSet(), AllV6()} && !match.protocols.all()) {
      continue;
    }
    if (!match.out.included.has_value() || !match.protocols.all() ||
        match.to.v4 != (match.HasV4() ? AllV4() : IntervalSet())) {
      CannotSay(change,
                "`sharing` is for all that leaves by a public interface, which it names: "
                "`sharing: {public: eth0, private: eth1}`",
                report);
      continue;
    }
    const Addresses& from = match.from;
    for (const std::string& out : *match.out.included) {
      std::set<std::string> senders = SendersTo(out, through);
      if (senders.empty() || absl::EndsWith(out, "*")) {
        CannotSay(
            change,
            absl::StrCat("no rule tells the interface of the private network: write `sharing: "
                         "{public: ",
                         out, ", private: …}`"),
            report);
        continue;
      }
      for (const std::string& sender : senders) {
        Match host = PacketsOf(Way::kIn, v4, v6, false),
              beyond = PacketsOf(Way::kThrough, v4, v6, false);
        host.in = beyond.in = Named({sender});
        host.out = Interfaces();
        beyond.out = Named({out});
        beyond.from = from;
        Normalise(beyond);
        if (!AcceptsAll(in, host)) {
          CannotSay(change,
                    absl::StrCat("`sharing` lets private hosts reach all of this host, which the "
                                 "rules for ",
                                 sender, " restrict"),
                    report);
          continue;
        }
        if (!AcceptsAll(through, beyond)) restricted.insert(sender);
        publics.insert(out);
        privates.insert(sender);
        from_all = from_all || from.v4 == AllV4() || from.v6 == AllV6();
        for (const bool six : {false, true}) {
          for (std::string& text : AddressTexts(six ? from.v6 : from.v4, six)) {
            if (absl::StrContains(text, '-')) {
              CannotSay(change, "`sharing` takes prefixes, not ranges", report);
            } else {
              prefixes.insert(std::move(text));
            }
          }
        }
      }
    }
  }
  if (publics.empty()) return std::optional<v1::Sharing>();
  for (const std::string& name : publics) sharing.add_public_(name);
  for (const std::string& name : privates) sharing.add_private_(name);
  if (!from_all) {
    for (const std::string& text : prefixes) sharing.add_from(text);
  }
  return std::optional<v1::Sharing>(std::move(sharing));
}

}  // namespace firebreak::importer
