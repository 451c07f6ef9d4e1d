// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/decided_before.h"

#include <linux/netfilter.h>

#include <algorithm>
#include <iterator>
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

bool OverlapsAny(const v1::Mapping& mapping, std::span<const v1::Mapping* const> later,
                 Allowance& allowance) {
  return std::any_of(later.begin(), later.end(), [&](const v1::Mapping* one) {
    size_t comparisons = 0;
    const bool overlaps = MayOverlap(mapping, *one, comparisons);
    return !allowance.Take(Allowance::Kind::kComparisons, comparisons, mapping) || overlaps;
  });
}

}  // namespace

WantedMappings::WantedMappings(const std::vector<Part>& parts, const Wanted& wanted) {
  for (const Part& part : parts) {
    std::copy_if(part.plain.begin(), part.plain.end(), std::back_inserter(all_),
                 [&](const v1::Mapping* one) { return wanted(*one); });
    behind_.push_back(all_.size());
    if (part.rich != nullptr && wanted(*part.rich)) all_.push_back(part.rich);
  }
}

std::vector<Rule> PassDecided(const std::vector<const v1::Mapping*>& plain,
                              std::span<const v1::Mapping* const> later, const Wanted& wanted,
                              const ObjectName& scope, TableBuilder& table) {
  std::vector<const v1::Mapping*> concerned;
  std::copy_if(plain.begin(), plain.end(), std::back_inserter(concerned),
               [&](const v1::Mapping* one) { return OverlapsAny(*one, later, table.allowance()); });
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

std::vector<Rule> PassDecidedBy(const v1::Mapping& rich, std::span<const v1::Mapping* const> later,
                                const ObjectName& scope, TableBuilder& table) {
  std::vector<Rule> rules;
  if (rich.has_limit() || rich.has_connections()) return rules;
  if (!OverlapsAny(rich, later, table.allowance())) return rules;
  for (const Alternative& way : AlternativesOf(rich, {}, MatchSetsOf(rich, scope), table)) {
    rules.push_back(MakeRule({way.match}, Accept()));
  }
  return rules;
}

}  // namespace firebreak::policy
