// SPDX-License-Identifier: Apache-2.0
#include "agent/standalone/draft.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "policy/compile/host_policy.h"
#include "policy/invariant/contradictions.h"
#include "policy/invariant/fleet_check.h"
#include "policy/invariant/violation_text.h"
#include "policy/merge/select.h"
#include "policy/resources/read.h"

namespace firebreak::agent {
namespace {

using policy::Change;

constexpr size_t kMaxSummaryBytes = 400;

// The names of hosts that the policies of the files name, each of which may exist.
std::set<std::string> NamedHosts(std::span<const policy::SourceFile> files) {
  std::set<std::string> names;
  std::vector<policy::Problem> ignored;
  for (const policy::SourceFile& file : files) {
    if (!absl::StrContains(file.text, "host:")) continue;
    for (const policy::ReadResource& read : policy::ReadResources(file.name, file.text, ignored)) {
      for (absl::string_view group : read.resource.policy().groups()) {
        if (absl::ConsumePrefix(&group, "host:")) names.emplace(group);
      }
    }
  }
  return names;
}

void AddProblem(std::string reason, std::vector<policy::Problem>& problems) {
  problems.push_back({.file = "", .line = 0, .reason = std::move(reason)});
}

std::string LabelsText(const StandaloneHost& host) {
  if (host.labels.empty()) return "no labels";
  return absl::StrCat("the labels ", absl::StrJoin(host.labels, ",", absl::PairFormatter("=")));
}

// Kinds that are accepted as in a fleet's files, and do nothing here.
void WarnOfIdleKinds(const policy::Configuration& configuration, Draft& draft) {
  for (const auto& [key, resource] : configuration.resources()) {
    if (resource->has_rollout_strategy() || resource->has_probe()) {
      AddProblem(absl::StrCat(key, " does nothing on a host without a controller"), draft.warnings);
    }
  }
}

void CheckInvariants(const policy::Selector& before, const policy::Selector& after,
                     const StandaloneHost& host, Draft& draft) {
  for (std::string& text : policy::ContradictionsOf(after.configuration())) {
    AddProblem(std::move(text), draft.problems);
  }
  if (!draft.problems.empty()) return;
  const policy::InvariantReport report =
      policy::CheckInvariants(before, after, {{host.name, host.labels, host.labels}});
  if (!report.complete) {
    AddProblem(
        "the policies are too many and too different for all invariants to be decided; make the "
        "change in smaller steps",
        draft.problems);
  }
  for (const v1::Violation& violation : report.violations) {
    AddProblem(policy::ViolationText(violation),
               policy::IsRefused(violation) ? draft.problems : draft.warnings);
  }
}

void Complete(const policy::Configuration& before, const StandaloneHost& host, Draft& draft) {
  draft.changes = policy::ChangesBetween(before, draft.configuration);
  const policy::Selector selector(draft.configuration);
  const std::vector<const v1::Policy*> selected = selector.Select(host.name, host.labels);
  absl::StatusOr<v1::EffectivePolicy> policy = policy::HostPolicy(draft.configuration, selected);
  if (!policy.ok()) return AddProblem(std::string(policy.status().message()), draft.problems);
  CheckInvariants(policy::Selector(before), selector, host, draft);
  if (!draft.problems.empty()) return;
  WarnOfIdleKinds(draft.configuration, draft);
  if (!policy->managed()) {
    AddProblem(absl::StrCat("no policy selects this host, which is named ", host.name, " and has ",
                            LabelsText(host),
                            ": it has no rules. Write `groups: [all]` into a policy, or give the "
                            "host the labels of a group with --label"),
               draft.warnings);
  }
  draft.policy = *std::move(policy);
}

}  // namespace

Draft DraftOf(const policy::Configuration& before, std::span<const policy::SourceFile> files,
              const StandaloneHost& host, int64_t now) {
  std::set<std::string> hosts = NamedHosts(files);
  hosts.insert(host.name);
  policy::Plan plan = policy::PlanApply({}, files, hosts, {}, now);
  Draft draft{.configuration = std::move(plan.next),
              .changes = {},
              .problems = std::move(plan.problems),
              .warnings = std::move(plan.warnings),
              .policy = {}};
  if (draft.problems.empty()) Complete(before, host, draft);
  return draft;
}

Draft DraftOf(const policy::Configuration& before, policy::Configuration wanted,
              const StandaloneHost& host) {
  Draft draft;
  draft.configuration = std::move(wanted);
  Complete(before, host, draft);
  return draft;
}

std::string SummaryOf(const std::vector<Change>& changes) {
  std::vector<std::string> parts;
  for (const Change& change : changes) {
    switch (change.kind) {
      case Change::Kind::kCreated: parts.push_back(absl::StrCat("create ", change.resource)); break;
      case Change::Kind::kUpdated: parts.push_back(absl::StrCat("update ", change.resource)); break;
      case Change::Kind::kDeleted: parts.push_back(absl::StrCat("delete ", change.resource)); break;
      case Change::Kind::kUnchanged: break;
    }
  }
  std::string summary = parts.empty() ? "no change" : absl::StrJoin(parts, ", ");
  if (summary.size() > kMaxSummaryBytes) {
    summary.resize(kMaxSummaryBytes);
    absl::StrAppend(&summary, "... (", parts.size(), " changes)");
  }
  return summary;
}

void Describe(const Draft& draft, const policy::Configuration& before,
              v1::StandaloneAnswer& answer) {
  const auto add = [](const policy::Problem& problem, v1::Problem& item) {
    item.set_file(problem.file);
    item.set_line(problem.line);
    item.set_reason(problem.reason);
  };
  for (const policy::Problem& one : draft.problems) add(one, *answer.add_problems());
  for (const policy::Problem& one : draft.warnings) add(one, *answer.add_warnings());
  for (const Change& change : draft.changes) {
    v1::Change& item = *answer.add_changes();
    switch (change.kind) {
      case Change::Kind::kCreated: item.set_kind(v1::Change::created); break;
      case Change::Kind::kUpdated: item.set_kind(v1::Change::updated); break;
      case Change::Kind::kDeleted: item.set_kind(v1::Change::deleted); break;
      case Change::Kind::kUnchanged: item.set_kind(v1::Change::unchanged); break;
    }
    item.set_resource(change.resource);
    item.set_diff(policy::DiffOf(before, draft.configuration, change.resource));
  }
}

std::string FirstProblem(const std::vector<policy::Problem>& problems) {
  if (problems.empty()) return "";
  const policy::Problem& first = problems.front();
  return absl::StrCat(
      first.file, first.file.empty() ? "" : ":",
      first.line == 0 ? "" : absl::StrCat(first.line, ":"), first.file.empty() ? "" : " ",
      first.reason,
      problems.size() > 1 ? absl::StrCat(" (and ", problems.size() - 1, " more)") : "");
}

}  // namespace firebreak::agent
