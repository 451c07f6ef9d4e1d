// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "policy/resources/check.h"
#include "policy/resources/check_references.h"
#include "policy/resources/check_span.h"
#include "policy/resources/names.h"
#include "policy/resources/nearest.h"
#include "policy/resources/week_time.h"

namespace firebreak::policy {
namespace {

constexpr int kMaxWaves = 64;
constexpr int kMaxGroups = 1000;
constexpr uint32_t kWhole = 100;
constexpr int kMaxDays = 7;
constexpr int kMaxWindows = 64;
constexpr int kMaxBounds = 64;
constexpr size_t kMaxReasonBytes = 64;

// `before` is the percentage that the preceding waves reach, as far as it is known.
void CheckWave(const v1::RolloutWave& wave, uint32_t before, const FieldPath& path,
               const References& references, Findings& findings) {
  const int given =
      (wave.hosts() > 0 ? 1 : 0) + (wave.groups_size() > 0 ? 1 : 0) + (wave.percent() > 0 ? 1 : 0);
  if (given != 1) {
    findings.Add(
        path,
        "a wave says who is in it by one of \"hosts\" (a number), \"groups\" and \"percent\"");
    return;
  }
  if (wave.percent() > kWhole) {
    findings.Add(FieldPath(path, "percent"),
                 absl::StrCat(wave.percent(), " is out of range: it goes from 1 to 100"));
  } else if (wave.percent() > 0 && wave.percent() <= before) {
    findings.Add(FieldPath(path, "percent"),
                 absl::StrCat("the waves before reach ", before,
                              " % of the hosts already: this one would be empty"));
  }
  for (int i = 0; i < std::min(wave.groups_size(), kMaxGroups); ++i) {
    CheckGroupReference(wave.groups(i), FieldPath(path, "groups", i), references, findings);
  }
  if (wave.groups_size() > kMaxGroups) {
    findings.Add(FieldPath(path, "groups"),
                 absl::StrCat("the wave names more than ", kMaxGroups, " groups"));
  }
}

bool IsReason(absl::string_view word) {
  return !word.empty() && word.size() <= kMaxReasonBytes &&
         std::all_of(word.begin(), word.end(), [](char c) {
           return absl::ascii_islower(static_cast<unsigned char>(c)) ||
                  absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-';
         });
}

void CheckDropsRise(const v1::RolloutGates& gates, const FieldPath& path, Findings& findings) {
  const FieldPath field(path, "drops_rise");
  if (gates.drops_rise_size() > kMaxBounds) {
    findings.Add(field, absl::StrCat("the strategy has more than ", kMaxBounds, " such bounds"));
  }
  std::set<std::string> bounded;
  bool all_bounded = false;
  for (int i = 0; i < std::min(gates.drops_rise_size(), kMaxBounds); ++i) {
    const v1::DropsRise& bound = gates.drops_rise(i);
    const FieldPath entry(path, "drops_rise", i);
    if (!bound.has_per_minute()) {
      findings.Add(entry, "the bound has no \"per_minute\", such as 60");
    }
    if (all_bounded) {
      findings.Add(entry, "the entry before is for any reason: this one would never hold");
      break;
    }
    all_bounded = bound.reasons().empty();
    if (bound.reasons_size() > kMaxGroups) {
      findings.Add(FieldPath(entry, "reasons"),
                   absl::StrCat("the bound names more than ", kMaxGroups, " reasons"));
    }
    for (int j = 0; j < std::min(bound.reasons_size(), kMaxGroups); ++j) {
      const std::string& reason = bound.reasons(j);
      if (!IsReason(reason)) {
        findings.Add(FieldPath(entry, "reasons", j),
                     absl::StrCat(Quoted(reason),
                                  " is no reason: it is a word of the log, such as unsolicited, "
                                  "blocked or invalid"));
      } else if (!bounded.insert(reason).second) {
        findings.Add(FieldPath(entry, "reasons", j),
                     absl::StrCat(Quoted(reason), " has a bound already"));
      }
    }
  }
  CheckSpan(gates.has_drops_before(), gates.drops_before(), absl::Seconds(1), absl::Hours(1),
            FieldPath(path, "drops_before"), findings);
  if (gates.has_drops_before() && gates.drops_rise().empty()) {
    findings.Add(FieldPath(path, "drops_before"), "it says nothing without \"drops_rise\"");
  }
}

void CheckGates(const v1::RolloutGates& gates, const References& references, Findings& findings) {
  const FieldPath top;
  const FieldPath path(top, "gates");
  if (gates.probes_size() > kMaxGroups) {
    findings.Add(FieldPath(path, "probes"),
                 absl::StrCat("the strategy names more than ", kMaxGroups, " probes"));
  }
  for (int i = 0; i < std::min(gates.probes_size(), kMaxGroups); ++i) {
    const std::string& name = gates.probes(i);
    if (name == "all" || references.configuration.FindProbe(name) != nullptr) continue;
    std::vector<std::string> names = {"all"};
    for (const auto& [key, resource] : references.configuration.resources()) {
      if (resource->has_probe()) names.push_back(resource->probe().name());
    }
    findings.Add(FieldPath(path, "probes", i),
                 absl::StrCat("unknown probe ", Quoted(name), DidYouMean(name, names)));
  }
  CheckDropsRise(gates, path, findings);
}

void CheckWindow(const v1::RolloutWindow& window, const FieldPath& path, Findings& findings) {
  for (int i = 0; i < std::min(window.days_size(), kMaxDays); ++i) {
    if (WeekdayNumber(window.days(i)).has_value()) continue;
    findings.Add(FieldPath(path, "days", i),
                 absl::StrCat("unknown day ", Quoted(window.days(i)),
                              ": it is mon, tue, wed, thu, fri, sat or sun"));
  }
  if (window.days_size() > kMaxDays) {
    findings.Add(FieldPath(path, "days"), "a week has seven days");
  }
  for (const auto& [field, text] : {std::pair{"from", &window.from()}, {"to", &window.to()}}) {
    if (MinuteOfDay(*text).has_value()) continue;
    findings.Add(FieldPath(path, field),
                 absl::StrCat("a window has a \"", field, "\" such as \"08:30\", in UTC"));
  }
  if (!window.from().empty() && window.from() == window.to()) {
    findings.Add(FieldPath(path, "to"),
                 "the window is empty: \"to\" is behind \"from\", or on the next day");
  }
}

}  // namespace

void CheckRolloutStrategy(const v1::RolloutStrategy& strategy, const References& references,
                          Findings& findings) {
  const FieldPath top;
  const FieldPath waves(top, "waves");
  if (strategy.waves().empty()) {
    findings.AddMissing(
        waves,
        "the strategy has no \"waves\", such as [{hosts: 1}, {percent: 10}, {percent: 100}]");
  } else if (strategy.waves().rbegin()->percent() != kWhole) {
    findings.Add(FieldPath(top, "waves", strategy.waves_size() - 1),
                 "the waves never reach all hosts: the last one must be {percent: 100}");
  }
  if (strategy.waves_size() > kMaxWaves) {
    findings.Add(waves, absl::StrCat("the strategy has more than ", kMaxWaves, " waves"));
  }
  uint32_t reached = 0;
  for (int i = 0; i < std::min(strategy.waves_size(), kMaxWaves); ++i) {
    CheckWave(strategy.waves(i), reached, FieldPath(top, "waves", i), references, findings);
    reached = std::max(reached, strategy.waves(i).percent());
  }
  CheckSpan(strategy.has_soak(), strategy.soak(), absl::ZeroDuration(), absl::Hours(24 * 30),
            FieldPath(top, "soak"), findings);
  CheckSpan(strategy.has_timeout(), strategy.timeout(), absl::Seconds(1), absl::Hours(1),
            FieldPath(top, "timeout"), findings);
  CheckSpan(strategy.has_silence(), strategy.silence(), absl::Seconds(1), absl::Hours(1),
            FieldPath(top, "silence"), findings);
  CheckGates(strategy.gates(), references, findings);
  const FieldPath windows(top, "windows");
  if (strategy.windows_size() > kMaxWindows) {
    findings.Add(windows, absl::StrCat("the strategy has more than ", kMaxWindows, " windows"));
  }
  for (int i = 0; i < std::min(strategy.windows_size(), kMaxWindows); ++i) {
    CheckWindow(strategy.windows(i), FieldPath(top, "windows", i), findings);
  }
}

}  // namespace firebreak::policy
