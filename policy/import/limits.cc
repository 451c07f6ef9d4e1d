// SPDX-License-Identifier: Apache-2.0
#include "policy/import/limits.h"

#include <algorithm>
#include <utility>

namespace firebreak::importer {
namespace {

constexpr size_t kMostRules = 100'000;

bool IsAbove(const Match& match) {
  return (match.rate.has_value() && match.rate->above) ||
         (match.flows.has_value() && match.flows->above);
}

Match WithoutLimits(Match match) {
  match.rate.reset();
  match.flows.reset();
  return match;
}

void CannotSay(const Flat& flat, const char* why, Report& report) {
  for (const size_t statement : flat.statements) report.CannotSay(statement, why);
}

// Moves the limit of `refusal` to `match`, which covers the same packets. Returns false if `match`
// has a limit of the same kind already.
bool Limit(const Flat& refusal, Match& match) {
  const Match& above = refusal.match;
  if ((above.rate.has_value() && match.rate.has_value()) ||
      (above.flows.has_value() && match.flows.has_value())) {
    return false;
  }
  if (above.rate.has_value()) {
    match.rate = above.rate;
    match.rate->above = false;
  }
  if (above.flows.has_value()) {
    match.flows = above.flows;
    match.flows->above = false;
  }
  return true;
}

// Returns the rules behind a refusal of flows above a limit, with the limit added to those that
// accept.
std::vector<Flat> LimitRules(const Flat& refusal, std::vector<Flat> behind, Report& report) {
  const Match about = WithoutLimits(refusal.match);
  std::vector<Flat> rules;
  for (Flat& rule : behind) {
    const auto both = Intersect(WithoutLimits(rule.match), about);
    if (rule.verdict != Verdict::kAccept || IsAbove(rule.match) || !both.has_value() ||
        IsEmpty(*both) || rules.size() > kMostRules) {
      rules.push_back(std::move(rule));
      continue;
    }
    Flat limited = rule;
    limited.match = *both;
    limited.match.rate = rule.match.rate;
    limited.match.flows = rule.match.flows;
    if (!Limit(refusal, limited.match)) {
      CannotSay(refusal, "a mapping has one limit of a kind", report);
      rules.push_back(std::move(rule));
      continue;
    }
    limited.statements.insert(refusal.statements.begin(), refusal.statements.end());
    const bool whole = Within(rule.match, about);
    Flat refused = refusal;
    refused.match = *both;
    rules.push_back(std::move(limited));
    rules.push_back(std::move(refused));
    if (!whole) rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace

std::vector<Flat> TurnLimits(std::vector<Flat> rules, Report& report) {
  std::vector<Flat> done;
  for (size_t i = 0; i < rules.size();) {
    Flat& rule = rules[i];
    const bool refuses = rule.verdict == Verdict::kDrop || rule.verdict == Verdict::kReject;
    if (rule.verdict == Verdict::kLog) {
      // Flows above a limit are refused, so they are logged with everything refused.
      rule.match = WithoutLimits(rule.match);
    } else if (rule.match.HasCondition() && !(refuses && IsAbove(rule.match)) &&
               (refuses || IsAbove(rule.match))) {
      // If flows below the limit are refused later as well, the limit only limits the answers and
      // can be dropped.
      const Match about = WithoutLimits(rule.match);
      const bool refused = refuses && std::all_of(rules.begin() + static_cast<ptrdiff_t>(i),
                                                  rules.end(), [&](const Flat& other) {
                                                    return other.verdict != Verdict::kAccept ||
                                                           !Overlap(other.match, about);
                                                  });
      if (!refused) {
        CannotSay(rule,
                  "a limit says how much is let in; write the mapping that lets it in, with the "
                  "limit",
                  report);
        ++i;
        continue;
      }
      rule.match = about;
    }
    if (!refuses || !IsAbove(rule.match)) {
      done.push_back(std::move(rules[i++]));
      continue;
    }
    const Flat refusal = std::move(rules[i++]);
    std::vector<Flat> behind(std::make_move_iterator(rules.begin() + static_cast<ptrdiff_t>(i)),
                             std::make_move_iterator(rules.end()));
    rules = LimitRules(refusal, std::move(behind), report);
    i = 0;
  }
  return done;
}

std::vector<Flat> TurnLogs(std::vector<Flat> rules) {
  for (size_t i = 0; i < rules.size();) {
    if (rules[i].verdict != Verdict::kLog) {
      ++i;
      continue;
    }
    const Flat log = rules[i];
    rules.erase(rules.begin() + static_cast<ptrdiff_t>(i));
    for (size_t j = i; j < rules.size() && rules.size() < kMostRules; ++j) {
      if (rules[j].verdict == Verdict::kLog) continue;
      const auto both = Intersect(rules[j].match, log.match);
      if (!both.has_value() || IsEmpty(*both)) continue;
      const bool covered = Within(log.match, rules[j].match);
      if (!Within(rules[j].match, log.match)) {
        Flat part = rules[j];
        part.match = *both;
        rules.insert(rules.begin() + static_cast<ptrdiff_t>(j), std::move(part));
      }
      rules[j].log = true;
      rules[j].log_rate = log.log_rate;
      rules[j].log_limited = log.log_limited;
      if (covered) break;
    }
  }
  return rules;
}

}  // namespace firebreak::importer
