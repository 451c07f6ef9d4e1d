#include "controller/admin/configuration_keeper.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "controller/admin/other_rules.h"
#include "controller/admin/problems.h"
#include "controller/admin/warnings.h"
#include "controller/plan/plan_change.h"
#include "controller/store/audit.h"
#include "controller/store/revisions.h"
#include "policy/resources/edits.h"
#include "policy/resources/names.h"

namespace firebreak::controller {
namespace {

// The revisions' summaries are for people.
constexpr size_t kMaxSummaryBytes = 500;

v1::Change::Kind ProtoKind(policy::Change::Kind kind) {
  switch (kind) {
    case policy::Change::Kind::kCreated: return v1::Change::created;
    case policy::Change::Kind::kUpdated: return v1::Change::updated;
    case policy::Change::Kind::kDeleted: return v1::Change::deleted;
    case policy::Change::Kind::kUnchanged: return v1::Change::unchanged;
  }
  return v1::Change::unspecified;
}

std::string Summary(const policy::Plan& plan) {
  std::vector<std::string> parts;
  for (const policy::Change& change : plan.changes) {
    if (change.kind == policy::Change::Kind::kUnchanged) continue;
    parts.push_back(
        absl::StrCat(v1::Change::Kind_Name(ProtoKind(change.kind)), " ", change.resource));
  }
  std::string summary = absl::StrJoin(parts, ", ");
  if (summary.size() > kMaxSummaryBytes) {
    summary.resize(kMaxSummaryBytes);
    absl::StrAppend(&summary, "… (", parts.size(), " changes)");
  }
  return summary;
}

std::vector<policy::SourceFile> Files(const v1::ApplyRequest& request) {
  std::vector<policy::SourceFile> files;
  files.reserve(static_cast<size_t>(request.files_size()));
  for (const v1::SourceFile& file : request.files()) files.push_back({file.name(), file.text()});
  return files;
}

policy::EditTarget Target(const v1::Target& target) { return {target.host(), target.group()}; }

policy::EditContext ContextOf(const PublishedRevision& current,
                              const std::set<std::string>& hosts) {
  return {current.configuration(), hosts, current.number() + 1};
}

absl::Status Store(Connection& connection, const policy::Plan& plan, const Revision& revision) {
  for (const policy::Change& change : plan.changes) {
    if (change.kind == policy::Change::Kind::kUnchanged) continue;
    absl::Status status;
    if (const v1::Resource* resource = plan.next.Find(change.resource); resource != nullptr) {
      status = PutResource(connection, revision.number,
                           {.kind = std::string(policy::KindOf(*resource)),
                            .name = std::string(policy::NameOf(*resource)),
                            .body = *resource});
    } else {
      const size_t slash = change.resource.find('/');
      status = DeleteResource(connection, change.resource.substr(0, slash),
                              change.resource.substr(slash + 1));
    }
    if (!status.ok()) return status;
  }
  return AppendRevision(connection, revision);
}

}  // namespace

absl::StatusOr<std::shared_ptr<PublishedRevision>> LoadRevision(Database& database) {
  uint64_t number = 0;
  policy::Configuration configuration;
  const absl::Status status =
      database.Transact("load the configuration", [&](Connection& connection) {
        ASSIGN_OR_RETURN(auto latest, LatestRevision(connection));
        number = latest;
        ASSIGN_OR_RETURN(auto resources, LoadResources(connection));
        for (StoredResource& resource : resources) configuration.Put(std::move(resource.body));
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return std::make_shared<PublishedRevision>(number, std::move(configuration));
}

absl::Status ConfigurationKeeper::CheckDeliverable(PublishedRevision& next) const {
  for (const HostRecord& host : registry_.Records()) {
    const auto assignment = next.For(host.name, host.labels);
    if (assignment.ok()) continue;
    const policy::Problem problem{
        .reason = absl::StrCat("host ", host.name, ": ", assignment.status().message())};
    return ProblemsStatus({&problem, 1});
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ApplyResponse> ConfigurationKeeper::Commit(const policy::Plan& plan,
                                                              absl::string_view action,
                                                              const Actor& actor) {
  if (!plan.ok()) return ProblemsStatus(plan.problems);
  v1::ApplyResponse response;
  for (const policy::Change& change : plan.changes) {
    v1::Change& made = *response.add_changes();
    made.set_kind(ProtoKind(change.kind));
    made.set_resource(change.resource);
  }
  *response.mutable_warnings() = WarningsOf(plan, registry_);
  const uint64_t current = fleet_.current()->number();
  response.set_revision(current);
  if (!plan.changed()) return response;

  const Revision revision{.number = current + 1,
                          .at = absl::Now(),
                          .author = actor.name,
                          .address = actor.peer,
                          .summary = Summary(plan)};
  auto next = std::make_shared<PublishedRevision>(revision.number, plan.next);
  RETURN_IF_ERROR(CheckDeliverable(*next));

  const absl::Status status = database_.Transact(
      absl::StrCat("store revision ", revision.number), [&](Connection& connection) {
        RETURN_IF_ERROR(Store(connection, plan, revision));
        return AppendAudit(connection, revision.at,
                           {.actor = actor.name,
                            .peer = actor.peer,
                            .action = std::string(action),
                            .object = absl::StrCat("revision ", revision.number),
                            .result = "done",
                            .detail = revision.summary});
      });
  if (!status.ok()) {
    LogError(status.message());
    return status;
  }
  LogInfo("revision ", revision.number, " by ", actor.name, " from ", actor.peer, ": ",
          revision.summary);
  fleet_.Publish(std::move(next));
  response.set_revision(revision.number);
  response.set_changed(true);
  return response;
}

absl::StatusOr<v1::ApplyResponse> ConfigurationKeeper::Apply(const v1::ApplyRequest& request,
                                                             const Actor& actor) {
  absl::MutexLock lock(&mutex_);
  const policy::Plan plan =
      policy::PlanApply(fleet_.current()->configuration(), Files(request), registry_.Names());
  RETURN_IF_ERROR(CheckPlanId(request.plan_id(), plan));
  return Commit(plan, "apply", actor);
}

absl::StatusOr<v1::ApplyResponse> ConfigurationKeeper::Delete(
    const v1::DeleteResourceRequest& request, const Actor& actor) {
  absl::MutexLock lock(&mutex_);
  return Commit(
      policy::PlanDelete(fleet_.current()->configuration(), request.kind(), request.name()),
      "delete", actor);
}

absl::StatusOr<v1::ApplyResponse> ConfigurationKeeper::SetSwitch(
    const v1::SetSwitchRequest& request, const Actor& actor) {
  absl::MutexLock lock(&mutex_);
  policy::EditTarget target = Target(request.target());
  target.location = request.location();
  const std::set<std::string> hosts = registry_.Names();
  const std::shared_ptr<PublishedRevision> current = fleet_.current();
  const policy::EditContext context = ContextOf(*current, hosts);
  return Commit(request.mode() == v1::Firewall::unspecified
                    ? policy::PlanClearSwitches(context, target, request.interface())
                    : policy::PlanSwitch(context, target, request.interface(), request.mode()),
                request.mode() == v1::Firewall::unspecified ? "clear switch" : "set switch", actor);
}

absl::StatusOr<v1::ApplyResponse> ConfigurationKeeper::AddMapping(
    const v1::AddMappingRequest& request, const Actor& actor) {
  absl::MutexLock lock(&mutex_);
  const std::set<std::string> hosts = registry_.Names();
  const std::shared_ptr<PublishedRevision> current = fleet_.current();
  return Commit(policy::PlanAddMapping(ContextOf(*current, hosts), Target(request.target()),
                                       request.interface(), request.mapping()),
                "add mapping", actor);
}

absl::StatusOr<v1::ApplyResponse> ConfigurationKeeper::RemoveMapping(
    const v1::RemoveMappingRequest& request, const Actor& actor) {
  absl::MutexLock lock(&mutex_);
  const std::set<std::string> hosts = registry_.Names();
  const std::shared_ptr<PublishedRevision> current = fleet_.current();
  return Commit(policy::PlanRemoveMapping(ContextOf(*current, hosts), Target(request.target()),
                                          request.interface(), request.name()),
                "remove mapping", actor);
}

absl::Status ConfigurationKeeper::CheckPlanId(const std::string& id,
                                              const policy::Plan& plan) const {
  if (id.empty() || !plan.ok()) return absl::OkStatus();
  if (PlanId(*fleet_.current(), plan.next, registry_.Records()) == id) return absl::OkStatus();
  return absl::AbortedError(
      absl::StrCat("this is not the change of plan ", id,
                   ": the files, the configuration or the fleet's hosts have changed since\nlook "
                   "at it again with `firebreak plan`"));
}

absl::StatusOr<v1::Plan> ConfigurationKeeper::Plan(const v1::PlanRequest& request) {
  const std::shared_ptr<PublishedRevision> current = fleet_.current();
  const std::vector<policy::SourceFile> files = Files(request.change());
  const policy::Plan plan = policy::PlanApply(current->configuration(), files, registry_.Names());
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
  RETURN_IF_ERROR(CheckDeliverable(next));
  return PlanChange(*current, plan.next, registry_.Records(), labels, files);
}

absl::StatusOr<v1::DiffResponse> ConfigurationKeeper::Diff(const v1::ApplyRequest& request) {
  const std::shared_ptr<PublishedRevision> current = fleet_.current();
  const policy::Plan plan =
      policy::PlanApply(current->configuration(), Files(request), registry_.Names());
  if (!plan.ok()) return ProblemsStatus(plan.problems);
  v1::DiffResponse response;
  for (const policy::Change& change : plan.changes) {
    v1::Change& made = *response.add_changes();
    made.set_kind(ProtoKind(change.kind));
    made.set_resource(change.resource);
    if (change.kind == policy::Change::Kind::kUnchanged) continue;
    made.set_diff(policy::DiffOf(current->configuration(), plan.next, change.resource));
  }
  PublishedRevision next(current->number() + 1, plan.next);
  RETURN_IF_ERROR(CheckDeliverable(next));
  *response.mutable_warnings() = WarningsOf(plan, registry_);
  response.set_hosts_concerned(CountHostsWithOtherRules(*current, next, registry_.Records()));
  return response;
}

}  // namespace firebreak::controller
