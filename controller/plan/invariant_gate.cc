// SPDX-License-Identifier: Apache-2.0
#include "controller/plan/invariant_gate.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/difference/cause_lines.h"
#include "policy/invariant/contradictions.h"
#include "policy/invariant/fleet_check.h"
#include "policy/invariant/violation_text.h"

namespace firebreak::controller {
namespace {

constexpr size_t kMaxProblems = 100;
constexpr size_t kMaxTrailBytes = 4000;
constexpr char kNextStep[] =
    "; change the mapping or the invariant, or insist with --override REASON";

policy::Problem ProblemOf(const v1::Violation& violation, absl::string_view end) {
  const v1::PacketRuling& ruling = violation.packets().after();
  return {.file = ruling.file(),
          .line = ruling.line(),
          .reason = absl::StrCat(policy::ViolationText(violation), end)};
}

// Whether the change adds or changes an invariant, or a service that an invariant may name.
bool MayContradict(const policy::Configuration& before, const policy::Configuration& after) {
  return std::any_of(after.resources().begin(), after.resources().end(), [&](const auto& entry) {
    const auto& [key, resource] = entry;
    if (!resource->has_invariant() && !resource->has_service()) return false;
    const v1::Resource* old_one = before.Find(key);
    return old_one == nullptr || !policy::SameResource(*old_one, *resource);
  });
}

}  // namespace

InvariantVerdict JudgeByInvariants(const policy::Selector& before, const policy::Selector& after,
                                   const std::vector<policy::PlannedHost>& hosts,
                                   std::span<const policy::SourceFile> files,
                                   const std::string& override) {
  InvariantVerdict verdict;
  if (MayContradict(before.configuration(), after.configuration())) {
    for (std::string& text : policy::ContradictionsOf(after.configuration())) {
      if (verdict.problems.size() == kMaxProblems) break;
      verdict.problems.push_back({.reason = std::move(text)});
    }
    if (!verdict.problems.empty()) return verdict;
  }
  policy::InvariantReport report = policy::CheckInvariants(before, after, hosts);
  policy::PutCauseLines(files, report.violations);
  if (!report.complete) {
    verdict.problems.push_back(
        {.reason = "the policies are too many and too different for all invariants to be decided; "
                   "make the change in smaller steps, or insist with --override REASON"});
  }
  for (const v1::Violation& violation : report.violations) {
    if (policy::IsRefused(violation)) {
      if (verdict.problems.size() < kMaxProblems) {
        verdict.problems.push_back(ProblemOf(violation, override.empty() ? kNextStep : ""));
      }
    } else if (verdict.warnings.size() < kMaxProblems) {
      verdict.warnings.push_back(
          ProblemOf(violation, violation.before() ? "; it did not before either" : ""));
    }
  }
  if (override.empty() || verdict.problems.empty()) return verdict;
  verdict.overridden = override;
  for (policy::Problem& problem : verdict.problems) {
    if (verdict.overridden.size() + problem.reason.size() < kMaxTrailBytes) {
      absl::StrAppend(&verdict.overridden, "; ", problem.reason);
    }
    verdict.warnings.push_back(std::move(problem));
  }
  verdict.problems.clear();
  return verdict;
}

}  // namespace firebreak::controller
