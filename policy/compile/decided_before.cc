// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/decided_before.h"

#include <linux/netfilter.h>

#include <algorithm>
#include <string>
#include <utility>

#include "policy/compile/flatten.h"
#include "policy/compile/mapping_verdict.h"
#include "policy/compile/piece_sets.h"
#include "policy/compile/rule_match.h"
#include "policy/resources/protocols.h"

namespace firebreak::policy {
namespace {

using ruleset::Rule;

bool OverlapsAny(const v1::Mapping& mapping, const std::vector<const v1::Mapping*>& later) {
  return std::any_of(later.begin(), later.end(),
                     [&](const v1::Mapping* one) { return MayOverlap(mapping, *one); });
}

}  // namespace

std::vector<const v1::Mapping*> WantedBehind(const std::vector<Part>& parts, size_t part,
                                             const Wanted& wanted) {
  std::vector<const v1::Mapping*> later;
  for (size_t i = part; i < parts.size(); ++i) {
    if (i > part) {
      std::copy_if(parts[i].plain.begin(), parts[i].plain.end(), std::back_inserter(later),
                   [&](const v1::Mapping* one) { return wanted(*one); });
    }
    if (parts[i].rich != nullptr && wanted(*parts[i].rich)) later.push_back(parts[i].rich);
  }
  return later;
}

std::vector<Rule> PassDecided(const std::vector<const v1::Mapping*>& plain,
                              const std::vector<const v1::Mapping*>& later, const Wanted& wanted,
                              const ObjectName& scope, TableBuilder& table) {
  std::vector<const v1::Mapping*> concerned;
  std::copy_if(plain.begin(), plain.end(), std::back_inserter(concerned),
               [&](const v1::Mapping* one) { return OverlapsAny(*one, later); });
  std::vector<Rule> rules;
  if (concerned.empty()) return rules;
  const std::vector<Piece> pieces = FlattenWanted(
      concerned, [&](const v1::Mapping& one) { return !wanted(one); }, table.allowance());
  for (const uint8_t family : {NFPROTO_IPV4, NFPROTO_IPV6}) {
    for (const bool ports : {true, false}) {
      std::vector<ruleset::Element> elements;
      for (const Piece& piece : pieces) {
        if (HasPorts(piece.protocol) != ports || !Covers(piece, family)) continue;
        if (!table.allowance().Take(Allowance::Kind::kBoxes, 1, *concerned[piece.mapping])) break;
        elements.emplace_back(ports ? PieceInterval(piece, family) : HostInterval(piece, family));
      }
      if (elements.empty()) continue;
      const std::string name =
          (scope / (ports ? "decided" : "decided.host") / (family == NFPROTO_IPV4 ? "4" : "6"))
              .Text();
      table.AddSet(name, {.key = ports ? PieceKey(family) : HostKey(family),
                          .interval = true,
                          .elements = std::move(elements)});
      rules.push_back(MakeRule(
          {ports ? PortAndSource(family) : ProtocolAndSource(family), {ruleset::Lookup{name, 0}}},
          Accept()));
    }
  }
  return rules;
}

std::vector<Rule> PassDecidedBy(const v1::Mapping& rich,
                                const std::vector<const v1::Mapping*>& later,
                                const ObjectName& scope, TableBuilder& table) {
  std::vector<Rule> rules;
  if (rich.has_limit() || rich.has_connections() || !OverlapsAny(rich, later)) return rules;
  for (const Alternative& way : AlternativesOf(rich, {}, MatchSetsOf(rich, scope), table)) {
    rules.push_back(MakeRule({way.match}, Accept()));
  }
  return rules;
}

}  // namespace firebreak::policy
