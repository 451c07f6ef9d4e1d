// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/forward_rules.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "policy/compile/admission.h"
#include "policy/compile/mapping_verdict.h"
#include "policy/compile/rule_match.h"

namespace firebreak::policy {
namespace {

using ruleset::Rule;

constexpr char kSeenSet[] = "forward.seen";

bool IsPattern(const std::string& name) { return absl::EndsWith(name, "*"); }

// Whether the match could apply to an interface that the agent has not seen, by type or by pattern.
bool DependsOnSight(const v1::InterfaceMatch& match) {
  return !match.types().empty() ||
         std::any_of(match.names().begin(), match.names().end(), IsPattern);
}

// Returns the names of interfaces that a rule applies to: all full names, whether the interface
// exists or not, and existing interfaces that match a pattern or a type.
std::set<std::string> NamesOf(const v1::InterfaceMatch& match,
                              std::span<const Interface> interfaces) {
  std::set<std::string> names;
  for (const Interface& one : interfaces) {
    if (Matches(match, one.name, one.type)) names.insert(one.name);
  }
  if (match.types().empty()) {
    std::copy_if(match.names().begin(), match.names().end(), std::inserter(names, names.end()),
                 [](const std::string& name) { return !IsPattern(name); });
  }
  return names;
}

Match IsOneOf(uint32_t meta, const std::set<std::string>& names, const ObjectName& set_name,
              TableBuilder& table) {
  if (names.size() == 1) return IsInterface(meta, *names.begin());
  ruleset::Set set = {.key = {ruleset::Field::kInterfaceName}};
  for (const std::string& name : names) set.elements.emplace_back(KeyInterfaceName(name));
  table.AddSet(set_name.Text(), std::move(set));
  return IsInterfaceNamed(meta, set_name.Text());
}

// Returns matches for the interfaces by which the mapping's packets pass through the host; none if
// no interface matches. AlternativesOf matches everything else.
std::vector<Match> WaysOf(const v1::Mapping& mapping, std::span<const Interface> interfaces,
                          const ObjectName& name, TableBuilder& table) {
  Match way;
  if (mapping.has_in()) {
    const std::set<std::string> names = NamesOf(mapping.in(), interfaces);
    if (names.empty()) return {};
    way = way + IsOneOf(NFT_META_IIFNAME, names, name / "in", table);
  }
  if (mapping.has_out()) {
    const std::set<std::string> names = NamesOf(mapping.out(), interfaces);
    if (names.empty()) return {};
    way = way + IsOneOf(NFT_META_OIFNAME, names, name / "out", table);
  }
  return {way};
}

// Refuses packets that come or leave by interfaces that the agent has not seen, if a rule depends
// on the name or type of interfaces.
std::vector<Rule> RefuseUnseen(const Subject& subject, const Profile& profile,
                               TableBuilder& table) {
  const auto any = [&](const auto& match_of) {
    return std::any_of(profile.forward.begin(), profile.forward.end(),
                       [&](const v1::Mapping* rule) { return DependsOnSight(match_of(*rule)); });
  };
  const bool in = any([](const v1::Mapping& rule) -> const auto& { return rule.in(); });
  const bool out = any([](const v1::Mapping& rule) -> const auto& { return rule.out(); });
  if (!in && !out) return {};
  ruleset::Set seen = {.key = {ruleset::Field::kInterfaceName}};
  for (const Interface& one : subject.interfaces) {
    seen.elements.emplace_back(KeyInterfaceName(one.name));
  }
  table.AddSet(kSeenSet, std::move(seen));
  const ruleset::Verdict refuse =
      table.Refuse("forward", profile.firewall == v1::Firewall::observe);
  const auto unseen = [](uint32_t meta) {
    return Match{ruleset::Meta{meta, 0},
                 ruleset::Lookup{.set = kSeenSet, .from = 0, .inverted = true}};
  };
  std::vector<Rule> rules;
  if (in) rules.push_back(MakeRule({unseen(NFT_META_IIFNAME)}, refuse));
  if (out) rules.push_back(MakeRule({unseen(NFT_META_OIFNAME)}, refuse));
  return rules;
}

std::vector<Rule> ActionOf(const Profile& profile, const v1::Mapping& mapping,
                           TableBuilder& table) {
  const bool observe = profile.firewall == v1::Firewall::observe;
  switch (mapping.action()) {
    case v1::Traffic::block: return {MakeRule({}, table.Refuse("blocked", observe))};
    case v1::Traffic::reject: return {MakeRule({}, table.Reject("rejected", observe))};
    default: return AdmitAny(profile, table);
  }
}

}  // namespace

std::vector<Rule> CompileForwardRules(const Subject& subject, const Profile& profile,
                                      const ObjectName& scope, TableBuilder& table) {
  std::vector<Rule> rules = RefuseUnseen(subject, profile, table);
  for (const v1::Mapping* mapping : profile.forward) {
    const ObjectName name = scope / "rule" / mapping->policy() / mapping->name();
    const std::vector<Match> ways = WaysOf(*mapping, subject.interfaces, name, table);
    if (ways.empty()) continue;
    if (!table.allowance().Take(Allowance::Kind::kPieces, CostOf(*mapping), *mapping)) break;
    const std::vector<Alternative> alternatives =
        AlternativesOf(*mapping, {.direction = &kInbound}, name / "match", table);
    if (alternatives.empty()) continue;
    std::vector<Rule> chain = RecordOf(*mapping, table);
    Append(chain, ActionOf(profile, *mapping, table));
    table.AddChain(name.Text(), std::move(chain));
    table.NoteOrigin(name.Text(), "", *mapping);
    const ruleset::Verdict verdict =
        WithinLimits(*mapping, scope / "routed", GoTo(name.Text()), table);
    for (const Match& way : ways) {
      for (const Alternative& alternative : alternatives) {
        rules.push_back(MakeRule({way, alternative.match}, verdict));
      }
    }
  }
  return rules;
}

}  // namespace firebreak::policy
