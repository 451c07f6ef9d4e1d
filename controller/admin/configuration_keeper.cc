// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/configuration_keeper.h"

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "controller/admin/change_request.h"
#include "controller/admin/history.h"
#include "controller/admin/problems.h"
#include "controller/admin/revision_draft.h"
#include "controller/admin/warnings.h"
#include "controller/plan/invariant_gate.h"
#include "controller/plan/plan_change.h"
#include "controller/store/audit.h"
#include "controller/store/restores.h"
#include "controller/store/revisions.h"
#include "controller/store/rollouts.h"
#include "policy/resources/edits.h"
#include "policy/resources/names.h"
#include "policy/resources/read.h"

namespace firebreak::controller {
namespace {

policy::EditTarget Target(const v1::Target& target) { return {target.host(), target.group()}; }

policy::EditContext ContextOf(const PublishedRevision& current,
                              const std::set<std::string>& hosts) {
  return {current.configuration(), hosts, current.number() + 1, Now()};
}

absl::Status CheckNewest(const PublishedRevision& newest, uint64_t wanted) {
  if (newest.number() == wanted) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat("the configuration has changed: the newest revision is ",
                                         newest.number(), ", not ", wanted,
                                         "; see `firebreak diff --from ", wanted,
                                         "`, and try again with --if-revision ", newest.number()));
}

}  // namespace

absl::StatusOr<std::shared_ptr<PublishedRevision>> LoadRevision(Database& database,
                                                                const LostHistory& lost_history,
                                                                uint64_t number) {
  uint64_t restores = 0;
  std::string digest;
  RETURN_IF_ERROR(
      database.Transact("load the configuration", [&](Connection& connection) -> absl::Status {
        if (number == 0) {
          ASSIGN_OR_RETURN(number, LatestRevision(connection));
        }
        ASSIGN_OR_RETURN(restores, CountRestores(connection));
        ASSIGN_OR_RETURN(const auto revision, FindRevision(connection, number));
        if (revision.has_value()) digest = revision->digest;
        return absl::OkStatus();
      }));
  ASSIGN_OR_RETURN(auto configuration, LoadConfiguration(database, number));
  ASSIGN_OR_RETURN(auto history, lost_history.Sign(number, restores, digest));
  return std::make_shared<PublishedRevision>(number, std::move(configuration), std::move(history));
}

absl::StatusOr<v1::ApplyResponse> ConfigurationKeeper::Commit(const policy::Plan& plan,
                                                              const Manner& manner,
                                                              const Actor& actor) {
  if (!plan.ok()) return ProblemsStatus(plan.problems);
  v1::ApplyResponse response;
  for (const policy::Change& change : plan.changes) *response.add_changes() = ProtoChange(change);
  *response.mutable_warnings() = WarningsOf(plan, registry_);
  const std::shared_ptr<PublishedRevision> current = fleet_.current();
  response.set_revision(current->number());
  if (!plan.changed()) return response;
  if (std::string reason = lost_history_.Reason(); !reason.empty()) {
    return absl::FailedPreconditionError(std::move(reason));
  }
  if (!manner.takes_back) RETURN_IF_ERROR(rollouts_.MayChange(manner.choice));

  RevisionDraft draft;
  const uint64_t number = current->number() + 1;
  RETURN_IF_ERROR(database_.Transact(
      absl::StrCat("draft revision ", number), [&](Connection& connection) -> absl::Status {
        ASSIGN_OR_RETURN(draft,
                         DraftRevision(connection, plan, manner.what, number, actor, absl::Now()));
        return absl::OkStatus();
      }));
  const Revision& revision = draft.revision;
  ASSIGN_OR_RETURN(auto history,
                   lost_history_.Sign(number, current->history().restores(), revision.digest));
  auto next = std::make_shared<PublishedRevision>(number, plan.next, std::move(history));
  AddFleetWarnings(current->selector(), next->selector(), registry_, *response.mutable_warnings());
  RETURN_IF_ERROR(CheckDeliverable(registry_, *next));
  InvariantVerdict invariants;
  if (!manner.takes_back) {
    invariants =
        JudgeByInvariants(current->selector(), next->selector(),
                          PlannedHosts(registry_.Records(), {}), manner.files, manner.override);
    if (!invariants.problems.empty()) return ProblemsStatus(invariants.problems);
    AddWarnings(invariants.warnings, *response.mutable_warnings());
  }
  ASSIGN_OR_RETURN(const RolloutKeeper::Planned planned,
                   rollouts_.Plan(current, next, manner.choice, actor));

  const absl::Status status = database_.Transact(
      absl::StrCat("store revision ", number), [&](Connection& connection) -> absl::Status {
        // Before the draft, which forgets the revisions that no rollout needs.
        for (const auto& record : {planned.superseded, planned.rollout}) {
          if (record.has_value()) RETURN_IF_ERROR(PutRollout(connection, *record));
        }
        RETURN_IF_ERROR(StoreDraft(connection, draft, manner.action, keep_));
        if (!invariants.overridden.empty()) {
          RETURN_IF_ERROR(AppendAudit(connection, revision.at,
                                      {.actor = actor.name,
                                       .peer = actor.peer,
                                       .action = "override invariants",
                                       .object = absl::StrCat("revision ", number),
                                       .result = "done",
                                       .detail = invariants.overridden}));
        }
        return absl::OkStatus();
      });
  if (!status.ok()) {
    LogError(status.message());
    rollouts_.Abandon();
    return status;
  }
  LogInfo("revision ", number, " by ", actor.name, " from ", actor.peer, ": ", revision.summary);
  if (!invariants.overridden.empty()) {
    LogWarning("revision ", number, " overrides invariants: ", invariants.overridden);
  }
  std::shared_ptr<const Stages> stages = rollouts_.Begin(planned, current, next);
  if (planned.rollout.has_value()) *response.mutable_rollout() = *rollouts_.Report();
  fleet_.Publish(std::move(next), std::move(stages));
  response.set_revision(number);
  response.set_changed(true);
  return response;
}

absl::StatusOr<v1::ApplyResponse> ConfigurationKeeper::Apply(const v1::ApplyRequest& request,
                                                             const Actor& actor) {
  absl::MutexLock lock(&mutex_);
  const std::shared_ptr<PublishedRevision> current = fleet_.current();
  if (request.has_if_revision()) RETURN_IF_ERROR(CheckNewest(*current, request.if_revision()));
  const std::vector<policy::SourceFile> files = FilesOf(request);
  const policy::Plan plan =
      policy::PlanApply(current->configuration(), files, registry_.Names(), SetOf(request), Now());
  RETURN_IF_ERROR(CheckFilesAreNew(request, plan));
  RETURN_IF_ERROR(CheckPlanId(request.plan_id(), plan));
  return Commit(plan,
                {.action = "apply",
                 .choice = ChoiceOf(request),
                 .override = request.override(),
                 .files = files},
                actor);
}

absl::StatusOr<v1::ApplyResponse> ConfigurationKeeper::Delete(
    const v1::DeleteResourceRequest& request, const Actor& actor) {
  absl::MutexLock lock(&mutex_);
  return Commit(
      policy::PlanDelete(fleet_.current()->configuration(), request.kind(), request.name()),
      {.action = "delete", .choice = ChoiceOf(request), .override = request.override()}, actor);
}

absl::StatusOr<v1::ApplyResponse> ConfigurationKeeper::SetSwitch(
    const v1::SetSwitchRequest& request, const Actor& actor) {
  absl::MutexLock lock(&mutex_);
  policy::EditTarget target = Target(request.target());
  target.location = request.location();
  const std::set<std::string> hosts = registry_.Names();
  const std::shared_ptr<PublishedRevision> current = fleet_.current();
  const policy::EditContext context = ContextOf(*current, hosts);
  return Commit(
      request.mode() == v1::Firewall::unspecified
          ? policy::PlanClearSwitches(context, target, request.interface())
          : policy::PlanSwitch(context, target, request.interface(), request.mode()),
      // Whoever switches waits for what holds then: a wave to come would be a host that does not.
      {.action = request.mode() == v1::Firewall::unspecified ? "clear switch" : "set switch",
       .choice = {.all_at_once = true},
       .override = request.override()},
      actor);
}

absl::StatusOr<v1::ApplyResponse> ConfigurationKeeper::AddMapping(
    const v1::AddMappingRequest& request, const Actor& actor) {
  absl::MutexLock lock(&mutex_);
  const std::set<std::string> hosts = registry_.Names();
  const std::shared_ptr<PublishedRevision> current = fleet_.current();
  return Commit(policy::PlanAddMapping(ContextOf(*current, hosts), Target(request.target()),
                                       request.interface(), request.mapping()),
                {.action = "add mapping", .override = request.override()}, actor);
}

absl::StatusOr<v1::ApplyResponse> ConfigurationKeeper::RemoveMapping(
    const v1::RemoveMappingRequest& request, const Actor& actor) {
  absl::MutexLock lock(&mutex_);
  const std::set<std::string> hosts = registry_.Names();
  const std::shared_ptr<PublishedRevision> current = fleet_.current();
  return Commit(policy::PlanRemoveMapping(ContextOf(*current, hosts), Target(request.target()),
                                          request.interface(), request.name()),
                {.action = "remove mapping", .override = request.override()}, actor);
}

absl::Status ConfigurationKeeper::CheckFilesAreNew(const v1::ApplyRequest& request,
                                                   const policy::Plan& plan) const {
  if (!plan.ok()) return absl::OkStatus();
  const policy::Configuration& now = fleet_.current()->configuration();
  const auto same = [](const v1::Resource* a, const v1::Resource* b) {
    return a == b || (a != nullptr && b != nullptr && policy::SameResource(*a, *b));
  };
  std::map<uint64_t, policy::Configuration> earlier;
  for (const v1::SourceFile& file : request.files()) {
    const uint64_t as_of = file.as_of_revision();
    if (as_of == 0) continue;
    if (!earlier.contains(as_of)) {
      absl::StatusOr<policy::Configuration> loaded = LoadConfiguration(database_, as_of);
      if (!loaded.ok()) {
        return absl::AbortedError(
            absl::StrCat(file.name(), " was read from revision ", as_of,
                         ", which the controller does not have: ", loaded.status().message(),
                         "; read the resources again with `firebreak get -o yaml`, or apply the "
                         "file with --overwrite"));
      }
      earlier.emplace(as_of, *std::move(loaded));
    }
    std::vector<policy::Problem> ignored;
    for (const policy::ReadResource& read :
         policy::ReadResources(file.name(), file.text(), ignored)) {
      const std::string key = policy::KeyOf(read.resource);
      const v1::Resource* is = now.Find(key);
      if (same(plan.next.Find(key), is) || same(earlier[as_of].Find(key), is)) continue;
      return absl::AbortedError(
          absl::StrCat(file.name(), " was read from revision ", as_of, ", and ", key,
                       " has changed since; see `firebreak diff --from ", as_of,
                       "`, then read the resources again with `firebreak get -o yaml`, or apply "
                       "the file with --overwrite"));
    }
  }
  return absl::OkStatus();
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

absl::StatusOr<v1::ApplyResponse> ConfigurationKeeper::Undo(const v1::UndoRequest& request,
                                                            const Actor& actor) {
  absl::MutexLock lock(&mutex_);
  const std::shared_ptr<PublishedRevision> current = fleet_.current();
  if (request.has_if_revision()) RETURN_IF_ERROR(CheckNewest(*current, request.if_revision()));
  uint64_t to = request.to();
  if (to == 0) {
    ASSIGN_OR_RETURN(to, RevisionBefore(database_, current->number()));
  }
  ASSIGN_OR_RETURN(const auto wanted, LoadConfiguration(database_, to));
  return Commit(policy::PlanReplace(current->configuration(), wanted, registry_.Names()),
                {.action = "undo",
                 .what = absl::StrCat("back to revision ", to, ": "),
                 .choice = ChoiceOf(request),
                 .override = request.override()},
                actor);
}

absl::Status ConfigurationKeeper::TakeBack(uint64_t to, absl::string_view why) {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const auto wanted, LoadConfiguration(database_, to));
  return Commit(policy::PlanReplace(fleet_.current()->configuration(), wanted, registry_.Names()),
                {.action = "undo",
                 .what = absl::StrCat("back to revision ", to, " (", why, "): "),
                 .choice = {.all_at_once = true},
                 .takes_back = true},
                {.name = "controller"})
      .status();
}

absl::StatusOr<google::protobuf::RepeatedPtrField<v1::Problem>> ConfigurationKeeper::Label(
    const v1::SetHostLabelsRequest& request,
    absl::FunctionRef<absl::Status(const std::string& overridden)> set) {
  absl::MutexLock lock(&mutex_);
  const auto host = registry_.Find(request.name());
  if (!host.has_value()) return absl::NotFoundError(absl::StrCat("no host ", request.name()));
  policy::PlannedHost planned = {host->record.name, host->record.labels, host->record.labels};
  for (const std::string& key : request.remove()) planned.after.erase(key);
  for (const auto& [key, value] : request.set()) planned.after[key] = value;
  const policy::Selector& selector = fleet_.current()->selector();
  const InvariantVerdict verdict =
      JudgeByInvariants(selector, selector, {std::move(planned)}, {}, request.override());
  if (!verdict.problems.empty()) return ProblemsStatus(verdict.problems);
  RETURN_IF_ERROR(set(verdict.overridden));
  if (!verdict.overridden.empty()) {
    LogWarning("the labels of host ", request.name(), " override invariants: ", verdict.overridden);
  }
  google::protobuf::RepeatedPtrField<v1::Problem> warnings;
  AddWarnings(verdict.warnings, warnings);
  return warnings;
}

}  // namespace firebreak::controller
