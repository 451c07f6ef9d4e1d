// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/change_preview.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "controller/admin/change_request.h"
#include "controller/admin/history.h"
#include "controller/admin/other_rules.h"
#include "controller/admin/problems.h"
#include "controller/admin/version_warnings.h"
#include "controller/admin/warnings.h"
#include "controller/plan/evidence.h"
#include "controller/plan/plan_change.h"
#include "policy/invariant/fleet_check.h"
#include "policy/resources/names.h"

namespace firebreak::controller {
namespace {

constexpr absl::Duration kMaxLive = absl::Seconds(30);
constexpr absl::Duration kMaxLog = absl::Hours(24 * 365);

}  // namespace

absl::StatusOr<v1::Plan> ChangePreview::Plan(const v1::PlanRequest& request) const {
  const std::shared_ptr<PublishedRevision> current = fleet_.current();
  const std::vector<policy::SourceFile> files = FilesOf(request.change());
  const policy::Plan plan = policy::PlanApply(current->configuration(), files, registry_.Names(),
                                              SetOf(request.change()), Now());
  if (!plan.ok()) return ProblemsStatus(plan.problems);
  LabelChanges labels;
  const std::set<std::string> names = registry_.Names();
  for (const v1::LabelChange& change : request.labels()) {
    if (!names.contains(change.host())) {
      return absl::NotFoundError(absl::StrCat("there is no host ", change.host()));
    }
    RETURN_IF_ERROR(policy::CheckLabel(change.key(), change.value()));
    labels[change.host()][change.key()] = change.value();
  }
  PublishedRevision next(current->number() + 1, plan.next);
  RETURN_IF_ERROR(CheckDeliverable(registry_, next));
  const std::vector<HostRecord> hosts = registry_.Records();
  v1::Plan planned = PlanChange(*current, plan.next, hosts, labels, files);
  for (std::string& warning : FleetWarnings(current->selector(), next.selector(), registry_)) {
    planned.add_warnings(std::move(warning));
  }
  for (std::string& warning :
       VersionWarnings(*current, next, registry_.All(), labels, fleet_.Capabilities())) {
    planned.add_warnings(std::move(warning));
  }
  if (plan.changed()) {
    RETURN_IF_ERROR(rollouts_.Foresee(*current, next, ChoiceOf(request.change()), planned));
  }
  const EvidenceRequest evidence = {absl::Milliseconds(request.live_millis()),
                                    absl::Seconds(request.log_seconds())};
  if (evidence.live == absl::ZeroDuration() && evidence.log == absl::ZeroDuration()) return planned;
  if (evidence.live > kMaxLive || evidence.log > kMaxLog) {
    return absl::InvalidArgumentError(
        "the limits are 30 s for the live flows of hosts and 365 days of the log");
  }
  std::set<std::string> concerned;
  for (const v1::PlanGroup& group : planned.groups()) {
    concerned.insert(group.hosts().begin(), group.hosts().end());
  }
  *planned.mutable_evidence() =
      GatherEvidence(current->selector(), next.selector(), PlannedHosts(hosts, labels), concerned,
                     evidence, registry_, fleet_, log_);
  return planned;
}

v1::ListViolationsResponse ChangePreview::Violations() const {
  const std::shared_ptr<PublishedRevision> current = fleet_.current();
  policy::InvariantReport report =
      policy::AllViolations(current->selector(), PlannedHosts(registry_.Records(), {}));
  v1::ListViolationsResponse response;
  response.set_revision(current->number());
  response.set_invariants(report.invariants);
  response.set_complete(report.complete);
  for (v1::Violation& violation : report.violations) {
    *response.add_violations() = std::move(violation);
  }
  return response;
}

absl::StatusOr<v1::DiffResponse> ChangePreview::Difference(PublishedRevision& before,
                                                           PublishedRevision& after,
                                                           const policy::Plan& plan) const {
  v1::DiffResponse response;
  for (const policy::Change& change : plan.changes) {
    v1::Change& made = *response.add_changes();
    made = ProtoChange(change);
    if (change.kind == policy::Change::Kind::kUnchanged) continue;
    made.set_diff(policy::DiffOf(before.configuration(), after.configuration(), change.resource));
  }
  *response.mutable_warnings() = WarningsOf(plan, registry_);
  AddFleetWarnings(before.selector(), after.selector(), registry_, *response.mutable_warnings());
  response.set_hosts_concerned(CountHostsWithOtherRules(before, after, registry_.Records()));
  return response;
}

absl::StatusOr<v1::DiffResponse> ChangePreview::Diff(const v1::ApplyRequest& request) const {
  const std::shared_ptr<PublishedRevision> current = fleet_.current();
  const policy::Plan plan = policy::PlanApply(current->configuration(), FilesOf(request),
                                              registry_.Names(), SetOf(request), Now());
  if (!plan.ok()) return ProblemsStatus(plan.problems);
  PublishedRevision next(current->number() + 1, plan.next);
  RETURN_IF_ERROR(CheckDeliverable(registry_, next));
  return Difference(*current, next, plan);
}

absl::StatusOr<v1::DiffResponse> ChangePreview::DiffRevisions(
    const v1::DiffRevisionsRequest& request) const {
  const uint64_t to = request.to() == 0 ? fleet_.current()->number() : request.to();
  ASSIGN_OR_RETURN(auto old, LoadConfiguration(database_, request.from()));
  ASSIGN_OR_RETURN(auto young, LoadConfiguration(database_, to));
  const policy::Plan plan = {
      .next = young, .changes = policy::ChangesBetween(old, young), .problems = {}};
  PublishedRevision before(request.from(), std::move(old));
  PublishedRevision after(to, std::move(young));
  return Difference(before, after, plan);
}

}  // namespace firebreak::controller
