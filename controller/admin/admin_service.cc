// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/admin_service.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "controller/admin/ask_call.h"
#include "controller/admin/audit_call.h"
#include "controller/admin/history.h"
#include "controller/admin/host_view.h"
#include "controller/admin/log_filter.h"
#include "controller/admin/mapping_record.h"
#include "controller/admin/problems.h"
#include "controller/admin/resource_view.h"
#include "controller/admin/rollout_call.h"
#include "controller/identity/grpc_status.h"
#include "controller/store/audit.h"
#include "proto/endpoint/version.h"

namespace firebreak::controller {
namespace {

// Ends a stream with a status as soon as it begins.
template <typename Response>
class Refusing final : public grpc::ServerWriteReactor<Response> {
 public:
  explicit Refusing(const absl::Status& status) { this->Finish(ToGrpc(status)); }
  void OnDone() override { delete this; }
};

grpc::ServerWriteReactor<v1::LogRecords>* NoPosition(const std::string& text) {
  return new Refusing<v1::LogRecords>(absl::InvalidArgumentError(absl::StrCat(
      "'", text,
      "' is not a position in the log; use a cursor that `firebreak logs --show-cursor` printed")));
}

}  // namespace

template <typename Response>
grpc::ServerUnaryReactor* AdminService::ServeOn(
    Worker& worker, Context* context, absl::string_view action, Response* response,
    std::function<absl::StatusOr<Response>(const Actor&)> work) {
  Reactor* reactor = context->DefaultReactor();
  const auto caller = parts_.gatekeeper.Admit(*context, Role::kAdmin, action);
  if (!caller.ok()) {
    reactor->Finish(ToGrpc(caller.status()));
    return reactor;
  }
  Actor actor{caller->Text(), caller->address};
  const bool taken = worker.Do([this, context, response, reactor, work = std::move(work),
                                actor = std::move(actor), action = std::string(action)] {
    // A caller who gave up before the work began must not find out later that it was done
    // nevertheless.
    if (context->IsCancelled()) {
      reactor->Finish(grpc::Status::CANCELLED);
      return;
    }
    auto done = work(actor);
    if (done.ok()) {
      *response = *std::move(done);
    } else if (absl::IsInvalidArgument(done.status())) {
      parts_.gatekeeper.Refused(actor.peer, actor.name, action, "", done.status());
    }
    reactor->Finish(ToGrpcWithProblems(done.status()));
  });
  if (!taken) {
    reactor->Finish({grpc::StatusCode::UNAVAILABLE, "the controller is busy; try again"});
  }
  return reactor;
}

grpc::ServerUnaryReactor* AdminService::CreateToken(Context* context,
                                                    const v1::CreateTokenRequest* request,
                                                    v1::CreateTokenResponse* response) {
  return Serve<v1::CreateTokenResponse>(
      context, "create token", response,
      [this, request](const Actor& actor) -> absl::StatusOr<v1::CreateTokenResponse> {
        ASSIGN_OR_RETURN(const auto token, parts_.enrolment.CreateToken(*request, actor.name,
                                                                        actor.peer, absl::Now()));
        v1::CreateTokenResponse created;
        created.set_token(token.text.view().data(), token.text.view().size());
        created.mutable_expires_at()->set_seconds(absl::ToUnixSeconds(token.expires_at));
        return created;
      });
}

grpc::ServerUnaryReactor* AdminService::Apply(Context* context, const v1::ApplyRequest* request,
                                              v1::ApplyResponse* response) {
  return Serve<v1::ApplyResponse>(context, "apply", response, [this, request](const Actor& actor) {
    return parts_.configuration.Apply(*request, actor);
  });
}

grpc::ServerUnaryReactor* AdminService::Diff(Context* context, const v1::ApplyRequest* request,
                                             v1::DiffResponse* response) {
  return Serve<v1::DiffResponse>(context, "diff", response, [this, request](const Actor&) {
    return parts_.preview.Diff(*request);
  });
}

grpc::ServerUnaryReactor* AdminService::Plan(Context* context, const v1::PlanRequest* request,
                                             v1::Plan* response) {
  return ServeOn<v1::Plan>(parts_.planner, context, "plan", response,
                           [this, request](const Actor&) { return parts_.preview.Plan(*request); });
}

grpc::ServerUnaryReactor* AdminService::ListViolations(Context* context,
                                                       const v1::ListViolationsRequest* /*request*/,
                                                       v1::ListViolationsResponse* response) {
  return ServeOn<v1::ListViolationsResponse>(
      parts_.planner, context, "list violations", response,
      [this](const Actor&) -> absl::StatusOr<v1::ListViolationsResponse> {
        return parts_.preview.Violations();
      });
}

grpc::ServerUnaryReactor* AdminService::GetResources(Context* context,
                                                     const v1::GetResourcesRequest* request,
                                                     v1::GetResourcesResponse* response) {
  return Serve<v1::GetResourcesResponse>(
      context, "get resources", response, [this, request](const Actor&) {
        return controller::GetResources(*parts_.fleet.current(), parts_.database, *request);
      });
}

grpc::ServerUnaryReactor* AdminService::DeleteResource(Context* context,
                                                       const v1::DeleteResourceRequest* request,
                                                       v1::ApplyResponse* response) {
  return Serve<v1::ApplyResponse>(context, "delete", response, [this, request](const Actor& actor) {
    return parts_.configuration.Delete(*request, actor);
  });
}

grpc::ServerUnaryReactor* AdminService::ListRevisions(Context* context,
                                                      const v1::ListRevisionsRequest* request,
                                                      v1::ListRevisionsResponse* response) {
  return Serve<v1::ListRevisionsResponse>(
      context, "list revisions", response, [this, request](const Actor&) {
        return controller::ListRevisions(parts_.database, *request);
      });
}

grpc::ServerUnaryReactor* AdminService::DiffRevisions(Context* context,
                                                      const v1::DiffRevisionsRequest* request,
                                                      v1::DiffResponse* response) {
  return Serve<v1::DiffResponse>(
      context, "diff revisions", response,
      [this, request](const Actor&) { return parts_.preview.DiffRevisions(*request); });
}

grpc::ServerUnaryReactor* AdminService::Undo(Context* context, const v1::UndoRequest* request,
                                             v1::ApplyResponse* response) {
  return Serve<v1::ApplyResponse>(context, "undo", response, [this, request](const Actor& actor) {
    return parts_.configuration.Undo(*request, actor);
  });
}

grpc::ServerUnaryReactor* AdminService::GetRollout(Context* context,
                                                   const v1::GetRolloutRequest* /*request*/,
                                                   v1::StagedRollout* response) {
  return Serve<v1::StagedRollout>(
      context, "get rollout", response, [this](const Actor&) -> absl::StatusOr<v1::StagedRollout> {
        auto report = parts_.staged.Report();
        if (report.has_value()) return *std::move(report);
        return absl::NotFoundError("no change has gone out in waves yet");
      });
}

grpc::ServerUnaryReactor* AdminService::ListRollouts(Context* context,
                                                     const v1::ListRolloutsRequest* request,
                                                     v1::ListRolloutsResponse* response) {
  return Serve<v1::ListRolloutsResponse>(
      context, "list rollouts", response,
      [this, request](const Actor&) -> absl::StatusOr<v1::ListRolloutsResponse> {
        constexpr uint32_t kUsual = 100;
        ASSIGN_OR_RETURN(std::vector<v1::StagedRollout> rollouts,
                         parts_.staged.History(request->limit() == 0 ? kUsual : request->limit()));
        v1::ListRolloutsResponse list;
        for (v1::StagedRollout& rollout : rollouts) *list.add_rollouts() = std::move(rollout);
        return list;
      });
}

grpc::ServerUnaryReactor* AdminService::ControlRollout(Context* context,
                                                       const v1::ControlRolloutRequest* request,
                                                       v1::StagedRollout* response) {
  return Serve<v1::StagedRollout>(
      context, "control rollout", response,
      [this, request](const Actor& actor) -> absl::StatusOr<v1::StagedRollout> {
        switch (request->command()) {
          case v1::ControlRolloutRequest::pause:
            return parts_.staged.Command(policy::RolloutCommand::kPause, actor);
          case v1::ControlRolloutRequest::resume:
            return parts_.staged.Command(policy::RolloutCommand::kResume, actor);
          case v1::ControlRolloutRequest::promote:
            return parts_.staged.Command(policy::RolloutCommand::kPromote, actor);
          case v1::ControlRolloutRequest::undo:
            return parts_.staged.Command(policy::RolloutCommand::kUndo, actor);
          default: return absl::InvalidArgumentError("the request has no command");
        }
      });
}

grpc::ServerUnaryReactor* AdminService::SetSwitch(Context* context,
                                                  const v1::SetSwitchRequest* request,
                                                  v1::ApplyResponse* response) {
  return Serve<v1::ApplyResponse>(context, "set switch", response,
                                  [this, request](const Actor& actor) {
                                    return parts_.configuration.SetSwitch(*request, actor);
                                  });
}

grpc::ServerUnaryReactor* AdminService::AddMapping(Context* context,
                                                   const v1::AddMappingRequest* request,
                                                   v1::ApplyResponse* response) {
  return Serve<v1::ApplyResponse>(context, "add mapping", response,
                                  [this, request](const Actor& actor) {
                                    return parts_.configuration.AddMapping(*request, actor);
                                  });
}

grpc::ServerUnaryReactor* AdminService::RemoveMapping(Context* context,
                                                      const v1::RemoveMappingRequest* request,
                                                      v1::ApplyResponse* response) {
  return Serve<v1::ApplyResponse>(context, "remove mapping", response,
                                  [this, request](const Actor& actor) {
                                    return parts_.configuration.RemoveMapping(*request, actor);
                                  });
}

grpc::ServerUnaryReactor* AdminService::ListMappings(Context* context,
                                                     const v1::ListMappingsRequest* request,
                                                     v1::ListMappingsResponse* response) {
  return Serve<v1::ListMappingsResponse>(
      context, "list mappings", response, [this, request](const Actor&) {
        return controller::ListMappings(*parts_.fleet.current(), parts_.registry, *request);
      });
}

grpc::ServerUnaryReactor* AdminService::ListHosts(Context* context,
                                                  const v1::ListHostsRequest* request,
                                                  v1::ListHostsResponse* response) {
  return Serve<v1::ListHostsResponse>(
      context, "list hosts", response, [this, request](const Actor&) {
        return controller::ListHosts(parts_.registry, parts_.fleet, parts_.refused_hosts, *request);
      });
}

grpc::ServerUnaryReactor* AdminService::GetHost(Context* context, const v1::GetHostRequest* request,
                                                v1::Host* response) {
  return Serve<v1::Host>(context, "get host", response, [this, request](const Actor&) {
    return controller::GetHost(parts_.registry, parts_.fleet, parts_.refused_hosts, *request);
  });
}

grpc::ServerUnaryReactor* AdminService::RevokeHost(Context* context,
                                                   const v1::RevokeHostRequest* request,
                                                   v1::RevokeHostResponse* response) {
  return Serve<v1::RevokeHostResponse>(
      context, "revoke host", response,
      [this, request](const Actor& actor) -> absl::StatusOr<v1::RevokeHostResponse> {
        const std::string& name = request->name();
        const absl::Status status =
            parts_.enrolment.Revoke(name, actor.name, actor.peer, absl::Now());
        if (absl::IsNotFound(status)) return NoSuchHost(parts_.registry, name);
        if (!status.ok()) return status;
        parts_.fleet.Disconnect(
            name, absl::UnauthenticatedError(absl::StrCat("host ", name, " has been revoked")));
        parts_.gatekeeper.EndConnections(name);
        LogInfo("host ", name, " has been revoked by ", actor.name, " from ", actor.peer);
        return v1::RevokeHostResponse();
      });
}

grpc::ServerUnaryReactor* AdminService::ForgetHost(Context* context,
                                                   const v1::ForgetHostRequest* request,
                                                   v1::ForgetHostResponse* response) {
  return Serve<v1::ForgetHostResponse>(
      context, "forget host", response,
      [this, request](const Actor& actor) -> absl::StatusOr<v1::ForgetHostResponse> {
        const std::string& name = request->name();
        const absl::Status status =
            parts_.enrolment.Forget(name, actor.name, actor.peer, absl::Now());
        if (absl::IsNotFound(status)) return NoSuchHost(parts_.registry, name);
        if (!status.ok()) return status;
        parts_.fleet.Disconnect(
            name, absl::UnauthenticatedError(absl::StrCat("host ", name, " has been forgotten")));
        parts_.gatekeeper.EndConnections(name);
        LogInfo("host ", name, " has been forgotten by ", actor.name, " from ", actor.peer);
        return v1::ForgetHostResponse();
      });
}

grpc::ServerUnaryReactor* AdminService::SetHostLabels(Context* context,
                                                      const v1::SetHostLabelsRequest* request,
                                                      v1::SetHostLabelsResponse* response) {
  return Serve<v1::SetHostLabelsResponse>(
      context, "set host labels", response,
      [this, request](const Actor& actor) -> absl::StatusOr<v1::SetHostLabelsResponse> {
        v1::SetHostLabelsResponse set;
        auto warnings = parts_.configuration.Label(
            *request, [&](const std::string& overridden) -> absl::Status {
              ASSIGN_OR_RETURN(const auto labels,
                               parts_.enrolment.SetLabels(*request, overridden, actor.name,
                                                          actor.peer, absl::Now()));
              set.mutable_labels()->insert(labels.begin(), labels.end());
              return absl::OkStatus();
            });
        if (absl::IsNotFound(warnings.status())) {
          return NoSuchHost(parts_.registry, request->name());
        }
        if (!warnings.ok()) return warnings.status();
        parts_.fleet.LabelsChanged(request->name());
        *set.mutable_warnings() = *std::move(warnings);
        return set;
      });
}

grpc::ServerUnaryReactor* AdminService::GetVersion(Context* context, const v1::GetVersionRequest*,
                                                   v1::GetVersionResponse* response) {
  return Serve<v1::GetVersionResponse>(
      context, "get version", response,
      [this](const Actor&) -> absl::StatusOr<v1::GetVersionResponse> {
        v1::GetVersionResponse version;
        version.set_version(kVersion);
        version.set_revision(parts_.fleet.current()->number());
        version.set_stopped(parts_.fleet.StoppedReason());
        return version;
      });
}

grpc::ServerWriteReactor<v1::Rollout>* AdminService::WatchRollout(
    Context* context, const v1::WatchRolloutRequest* request) {
  const auto caller = parts_.gatekeeper.Admit(*context, Role::kAdmin, "watch rollout");
  if (!caller.ok()) return new Refusing<v1::Rollout>(caller.status());
  const uint64_t newest = parts_.fleet.current()->number();
  if (request->revision() > newest) {
    return new Refusing<v1::Rollout>(absl::NotFoundError(
        absl::StrCat("there is no revision ", request->revision(), "; the newest is ", newest)));
  }
  return RolloutCall::Start(parts_.rollouts, request->revision());
}

grpc::ServerWriteReactor<v1::Answer>* AdminService::AskHost(Context* context,
                                                            const v1::AskHostRequest* request) {
  const auto caller = parts_.gatekeeper.Admit(*context, Role::kAdmin, "ask host");
  if (!caller.ok()) return new Refusing<v1::Answer>(caller.status());
  const auto host = parts_.registry.Find(request->host());
  if (!host.has_value()) {
    return new Refusing<v1::Answer>(NoSuchHost(parts_.registry, request->host()));
  }
  auto session = parts_.fleet.Find(request->host());
  if (session == nullptr) {
    const absl::Time seen = host->report.last_seen;
    return new Refusing<v1::Answer>(absl::UnavailableError(absl::StrCat(
        "host ", request->host(), host->record.revoked() ? " has been revoked" : " is offline",
        seen == absl::InfinitePast()
            ? "; it has never been seen"
            : absl::StrCat("; it was last seen at ",
                           absl::FormatTime(absl::RFC3339_sec, seen, absl::UTCTimeZone())))));
  }
  const Actor actor{caller->Text(), caller->address};
  if (const auto record = MappingRecord(actor, request->host(), request->question())) {
    // A decision that cannot be recorded is not sent to the host.
    const absl::Status recorded = parts_.database.Transact(
        "record a decision about a mapping",
        [&](Connection& connection) { return AppendAudit(connection, absl::Now(), *record); });
    if (!recorded.ok()) return new Refusing<v1::Answer>(recorded);
  }
  return AskCall::Start(std::move(session), request->question());
}

grpc::ServerWriteReactor<v1::LogRecords>* AdminService::StartLogCall(Context* context,
                                                                     const v1::LogFilter& filter,
                                                                     LogCall::Request request) {
  const auto caller = parts_.gatekeeper.Admit(*context, Role::kAdmin, "read the log");
  if (!caller.ok()) return new Refusing<v1::LogRecords>(caller.status());
  auto resolved = ResolveGroups(filter, parts_.registry, parts_.fleet.current()->selector());
  if (!resolved.ok()) return new Refusing<v1::LogRecords>(resolved.status());
  auto query = ReadQuery(*resolved);
  if (!query.ok()) return new Refusing<v1::LogRecords>(query.status());
  for (const std::string& host : query->hosts) {
    if (!parts_.registry.Find(host).has_value()) {
      return new Refusing<v1::LogRecords>(NoSuchHost(parts_.registry, host));
    }
  }
  request.query = *std::move(query);
  return LogCall::Start(parts_.log, std::move(request));
}

grpc::ServerWriteReactor<v1::LogRecords>* AdminService::SearchLogs(
    Context* context, const v1::SearchLogsRequest* request) {
  LogCall::Request search = {.packed = request->packed()};
  if (request->last() != 0) search.last = request->last();
  if (!request->after().empty()) {
    search.after = ParsePosition(request->after());
    if (!search.after.has_value()) return NoPosition(request->after());
  }
  return StartLogCall(context, request->filter(), std::move(search));
}

grpc::ServerWriteReactor<v1::LogRecords>* AdminService::FollowLogs(
    Context* context, const v1::FollowLogsRequest* request) {
  LogCall::Request follow = {.last = request->last(), .follow = true, .packed = request->packed()};
  if (!request->after().empty()) {
    follow.after = ParsePosition(request->after());
    if (!follow.after.has_value()) return NoPosition(request->after());
  }
  return StartLogCall(context, request->filter(), std::move(follow));
}

grpc::ServerWriteReactor<v1::AuditRows>* AdminService::ReadAudit(
    Context* context, const v1::ReadAuditRequest* request) {
  const auto caller = parts_.gatekeeper.Admit(*context, Role::kAdmin, "read audit");
  if (!caller.ok()) return new Refusing<v1::AuditRows>(caller.status());
  return AuditCall::Start(parts_.database, parts_.audit_signer, *request);
}

}  // namespace firebreak::controller
