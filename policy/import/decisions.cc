// SPDX-License-Identifier: Apache-2.0
#include "policy/import/decisions.h"

#include <algorithm>
#include <utility>

#include "base/status/status.h"
#include "policy/import/limits.h"

namespace firebreak::importer {
namespace {

constexpr size_t kMostPairs = 4'000'000;  // pairs of an IPv4 and an IPv6 rule to compare
constexpr size_t kMostLooked = 3000;      // more rules than this are not searched for hidden ones
constexpr size_t kMostPorts = 900, kMostAddresses = 9000;  // of one mapping

bool SameDoing(const Flat& a, const Flat& b) {
  return a.verdict == b.verdict && a.target == b.target && a.port == b.port &&
         a.description == b.description && a.log == b.log && a.log_limited == b.log_limited &&
         a.by_engine == b.by_engine && (!a.log || a.log_rate == b.log_rate);
}

// Whether a rule for IPv4 and a rule for IPv6 say the same except for addresses.
bool SameButFamily(const Flat& a, const Flat& b) {
  if (!SameDoing(a, b)) return false;
  Match match = b.match;
  match.from = a.match.from;
  match.to = a.match.to;
  if (match != a.match) return false;
  const auto plain = [](const Addresses& addresses) {
    return addresses.v4 == AllV4() || addresses.v6 == AllV6();
  };
  // A rule that restricts the source, or the destination, pairs only with one that restricts it
  // too.
  return plain(a.match.from) == plain(b.match.from) && plain(a.match.to) == plain(b.match.to);
}

Flat Join(Flat a, const Flat& b, const Match& match) {
  a.match = match;
  a.statements.insert(b.statements.begin(), b.statements.end());
  return a;
}

// Merges the rules of both families into one list. Rules of the longest common subsequence, which
// say the same for both families, appear once. The order within each family is kept.
std::vector<Flat> Zip(std::vector<Flat> a, std::vector<Flat> b) {
  const size_t n = a.size(), m = b.size();
  std::vector<Flat> sum;
  if (n * m > kMostPairs) {
    sum = std::move(a);
    std::move(b.begin(), b.end(), std::back_inserter(sum));
    return sum;
  }
  std::vector<std::vector<uint32_t>> longest(n + 1, std::vector<uint32_t>(m + 1, 0));
  std::vector<std::vector<bool>> same(n, std::vector<bool>(m, false));
  for (size_t i = n; i-- > 0;) {
    for (size_t j = m; j-- > 0;) {
      same[i][j] = SameButFamily(a[i], b[j]);
      longest[i][j] =
          same[i][j] ? longest[i + 1][j + 1] + 1 : std::max(longest[i + 1][j], longest[i][j + 1]);
    }
  }
  size_t i = 0, j = 0;
  while (i < n || j < m) {
    if (i < n && j < m && same[i][j]) {
      const auto match = Unite(a[i].match, b[j].match);
      if (match.has_value()) {
        sum.push_back(Join(std::move(a[i]), b[j], *match));
      } else {
        sum.push_back(std::move(a[i]));
        sum.push_back(std::move(b[j]));
      }
      ++i;
      ++j;
    } else if (j == m || (i < n && longest[i + 1][j] >= longest[i][j + 1])) {
      sum.push_back(std::move(a[i++]));
    } else {
      sum.push_back(std::move(b[j++]));
    }
  }
  return sum;
}

std::vector<Hook> HooksOf(Way way) {
  switch (way) {
    case Way::kIn: return {Hook::kPrerouting, Hook::kInput};
    case Way::kOut: return {Hook::kOutput, Hook::kPostrouting};
    case Way::kThrough: return {Hook::kPrerouting, Hook::kForward, Hook::kPostrouting};
  }
  return {};
}

// Drops exclusions of loopback, which is open in any case.
void ForgetLoopback(Match& match) {
  std::erase(match.in.excluded, "lo");
  std::erase(match.out.excluded, "lo");
}

absl::StatusOr<std::vector<Flat>> ListOf(const Ruleset& ruleset, Way way, bool v4, bool v6,
                                         bool sent_on, Report& report) {
  const std::vector<Hook> hooks = HooksOf(way);
  ASSIGN_OR_RETURN(std::vector<Flat> rules,
                   Flatten(ruleset, hooks, /*nat=*/false, PacketsOf(way, v4, v6, sent_on), report));
  for (Flat& rule : rules) ForgetLoopback(rule.match);
  return TurnLogs(TurnLimits(std::move(rules), report));
}

bool Fits(const Match& match) {
  return match.ports.intervals().size() <= kMostPorts &&
         match.source_ports.intervals().size() <= kMostPorts &&
         match.from.v4.intervals().size() + match.from.v6.intervals().size() <= kMostAddresses &&
         match.to.v4.intervals().size() + match.to.v6.intervals().size() <= kMostAddresses;
}

void JoinNeighbours(std::vector<Flat>& rules) {
  std::vector<Flat> joined;
  for (Flat& rule : rules) {
    while (!joined.empty() && SameDoing(joined.back(), rule)) {
      const auto sum = Unite(joined.back().match, rule.match);
      if (!sum.has_value() || !Fits(*sum)) break;
      rule = Join(std::move(joined.back()), rule, *sum);
      joined.pop_back();
    }
    joined.push_back(std::move(rule));
  }
  rules = std::move(joined);
}

void LeaveOutHidden(std::vector<Flat>& rules) {
  if (rules.size() > kMostLooked) return;
  std::vector<Flat> seen;
  for (Flat& rule : rules) {
    const bool hidden = std::any_of(seen.begin(), seen.end(), [&](const Flat& before) {
      return Within(rule.match, before.match);
    });
    if (!hidden) seen.push_back(std::move(rule));
  }
  rules = std::move(seen);
}

// Takes the last rule, which covers everything left, as the default.
void TakeRest(std::vector<Flat>& rules, Decisions& decisions) {
  if (rules.empty()) return;
  decisions.rest = rules.back().verdict;
  decisions.logs_rest = rules.back().log;
  decisions.rest_log_limited = rules.back().log_limited;
  rules.pop_back();
}

}  // namespace

Match PacketsOf(Way way, bool v4, bool v6, bool sent_on) {
  Match match;
  match.states = kNew;
  match.segments = kLoneSyn;
  match.sent_on = sent_on ? kSentOn : kNotSentOn;
  match.destinations = way == Way::kIn        ? kOwn | kBroadcast | kMulticast
                       : way == Way::kThrough ? kElsewhere | kMulticast
                                              : kAllDestinations;
  if (way != Way::kOut) match.in = AllBut({"lo"});
  if (way != Way::kIn) match.out = AllBut({"lo"});
  if (!v4) match.DropV4();
  if (!v6) match.DropV6();
  Normalise(match);
  return match;
}

bool HasFamily(const Ruleset& ruleset, bool v6) {
  return std::any_of(ruleset.tables.begin(), ruleset.tables.end(),
                     [&](const Table& table) { return v6 ? table.v6 : table.v4; });
}

void Tidy(Decisions& decisions) {
  std::vector<Flat>& rules = decisions.rules;
  JoinNeighbours(rules);
  LeaveOutHidden(rules);
  while (!rules.empty() && rules.back().verdict == decisions.rest && rules.back().target.empty() &&
         rules.back().port == 0 && (!rules.back().log || decisions.logs_rest) &&
         !rules.back().match.HasCondition()) {
    rules.pop_back();
  }
}

absl::StatusOr<Decisions> Decide(const Ruleset& ruleset, Way way, bool v4, bool v6, bool sent_on,
                                 Report& report) {
  Decisions decisions;
  const bool mixed = std::any_of(ruleset.tables.begin(), ruleset.tables.end(),
                                 [](const Table& table) { return table.v4 != table.v6; });
  if (!v4 || !v6 || !mixed) {
    ASSIGN_OR_RETURN(decisions.rules, ListOf(ruleset, way, v4, v6, sent_on, report));
    TakeRest(decisions.rules, decisions);
    Tidy(decisions);
    return decisions;
  }
  ASSIGN_OR_RETURN(std::vector<Flat> rules4, ListOf(ruleset, way, true, false, sent_on, report));
  ASSIGN_OR_RETURN(std::vector<Flat> rules6, ListOf(ruleset, way, false, true, sent_on, report));
  Decisions six;
  const Flat rest4 = rules4.back(), rest6 = rules6.back();
  TakeRest(rules4, decisions);
  TakeRest(rules6, six);
  decisions.rules = Zip(std::move(rules4), std::move(rules6));
  decisions.logs_rest = decisions.logs_rest || six.logs_rest;
  if (decisions.rest != six.rest) {
    // Only one default is possible, so the other family's default becomes a rule.
    const bool accepts6 = six.rest == Verdict::kAccept;
    if (decisions.rest == Verdict::kAccept) {
      decisions.rules.push_back(rest4);
      decisions.rest = six.rest;
    } else if (accepts6 || six.rest == Verdict::kReject) {
      decisions.rules.push_back(rest6);
    } else {
      decisions.rules.push_back(rest4);
      decisions.rest = six.rest;
    }
  }
  Tidy(decisions);
  return decisions;
}

}  // namespace firebreak::importer
