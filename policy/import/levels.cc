// SPDX-License-Identifier: Apache-2.0
#include "policy/import/levels.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "policy/import/sections.h"

namespace firebreak::importer {
namespace {

constexpr size_t kMostCompared = 3000;

bool Blocks(const Flat& rule) { return rule.verdict != Verdict::kAccept; }

bool Excludes(const Flat& rule) {
  return !rule.match.in.excluded.empty() || !rule.match.out.excluded.empty();
}

}  // namespace

std::vector<size_t> LevelsOf(const std::vector<Flat>& rules) {
  std::vector<size_t> levels(rules.size(), 0);
  for (size_t i = 0; i < rules.size(); ++i) {
    // With too many rules to compare all pairs, every change of action begins another policy.
    const size_t first = rules.size() > kMostCompared && i > 0 ? i - 1 : 0;
    for (size_t j = first; j < i; ++j) {
      const bool all_alike = rules.size() > kMostCompared;
      if (all_alike) levels[i] = std::max(levels[i], levels[j]);
      if (Blocks(rules[i]) == Blocks(rules[j])) continue;
      if (!all_alike && !Overlap(rules[i].match, rules[j].match)) continue;
      levels[i] = std::max(levels[i], levels[j] + (Blocks(rules[i]) ? 1 : 0));
    }
  }
  return levels;
}

std::vector<Flat> WithoutExclusions(const std::vector<Flat>& rules, Verdict rest,
                                    const Match& packets) {
  if (std::none_of(rules.begin(), rules.end(), Excludes)) return rules;
  std::vector<std::string> ins, outs;
  for (const Flat& rule : rules) {
    CollectNames(rule.match.in, ins);
    CollectNames(rule.match.out, outs);
  }
  ins = InOrderOfSections(std::move(ins));
  outs = InOrderOfSections(std::move(outs));
  // The empty name stands for all interfaces that no rule names.
  ins.emplace_back();
  outs.emplace_back();
  std::vector<Flat> said;
  for (const std::string& in : ins) {
    for (const std::string& out : outs) {
      const auto add = [&](Flat rule) {
        rule.match.in = in.empty() ? Interfaces() : Named({in});
        rule.match.out = out.empty() ? Interfaces() : Named({out});
        said.push_back(std::move(rule));
      };
      Match whole = packets;
      whole.in = in.empty() ? packets.in : Named({in});
      whole.out = out.empty() ? packets.out : Named({out});
      bool complete = false;
      for (const Flat& rule : rules) {
        if (complete || !Covers(rule.match.in, in) || !Covers(rule.match.out, out)) continue;
        add(rule);
        complete = Within(whole, said.back().match);
      }
      if (complete || (in.empty() && out.empty())) continue;
      // The rules that follow are for other interfaces, so end this one's with the default.
      Flat end;
      end.verdict = rest;
      end.match = packets;
      add(std::move(end));
    }
  }
  return said;
}

}  // namespace firebreak::importer
