// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_ADMIN_SERVICE_H_
#define FIREBREAK_CONTROLLER_ADMIN_ADMIN_SERVICE_H_

#include <functional>

#include "absl/status/statusor.h"
#include "controller/admin/actor.h"
#include "controller/admin/change_preview.h"
#include "controller/admin/configuration_keeper.h"
#include "controller/audit/audit_signer.h"
#include "controller/enrolment/enrolment.h"
#include "controller/fleet/fleet.h"
#include "controller/fleet/rollout_board.h"
#include "controller/hosts/refused_hosts.h"
#include "controller/hosts/registry.h"
#include "controller/identity/gatekeeper.h"
#include "controller/log/log_call.h"
#include "controller/rollout/rollout_keeper.h"
#include "controller/store/database.h"
#include "controller/worker/worker.h"
#include "firebreak/v1/admin.grpc.pb.h"

namespace firebreak::controller {

// The parts of the controller that the Admin service uses. All of them must outlive the server.
struct AdminParts {
  const Gatekeeper& gatekeeper;
  ConfigurationKeeper& configuration;
  const ChangePreview& preview;
  Enrolment& enrolment;
  Registry& registry;
  RefusedHosts& refused_hosts;
  Fleet& fleet;
  RolloutBoard& rollouts;
  RolloutKeeper& staged;
  Worker& worker;
  Worker& planner;
  LogCall::Parts log;
  Database& database;
  AuditSigner& audit_signer;
};

// The Admin service of admin.proto. Admits administrators only. The work is done on the worker, one
// request after the other.
class AdminService final : public v1::Admin::CallbackService {
 public:
  explicit AdminService(const AdminParts& parts) : parts_(parts) {}

 private:
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

  Reactor* CreateToken(Context* context, const v1::CreateTokenRequest* request,
                       v1::CreateTokenResponse* response) override;
  Reactor* Apply(Context* context, const v1::ApplyRequest* request,
                 v1::ApplyResponse* response) override;
  Reactor* Diff(Context* context, const v1::ApplyRequest* request,
                v1::DiffResponse* response) override;
  Reactor* Plan(Context* context, const v1::PlanRequest* request, v1::Plan* response) override;
  Reactor* ListViolations(Context* context, const v1::ListViolationsRequest* request,
                          v1::ListViolationsResponse* response) override;
  Reactor* GetResources(Context* context, const v1::GetResourcesRequest* request,
                        v1::GetResourcesResponse* response) override;
  Reactor* DeleteResource(Context* context, const v1::DeleteResourceRequest* request,
                          v1::ApplyResponse* response) override;
  Reactor* ListRevisions(Context* context, const v1::ListRevisionsRequest* request,
                         v1::ListRevisionsResponse* response) override;
  Reactor* DiffRevisions(Context* context, const v1::DiffRevisionsRequest* request,
                         v1::DiffResponse* response) override;
  Reactor* Undo(Context* context, const v1::UndoRequest* request,
                v1::ApplyResponse* response) override;
  Reactor* GetRollout(Context* context, const v1::GetRolloutRequest* request,
                      v1::StagedRollout* response) override;
  Reactor* ListRollouts(Context* context, const v1::ListRolloutsRequest* request,
                        v1::ListRolloutsResponse* response) override;
  Reactor* ControlRollout(Context* context, const v1::ControlRolloutRequest* request,
                          v1::StagedRollout* response) override;
  Reactor* SetSwitch(Context* context, const v1::SetSwitchRequest* request,
                     v1::ApplyResponse* response) override;
  Reactor* AddMapping(Context* context, const v1::AddMappingRequest* request,
                      v1::ApplyResponse* response) override;
  Reactor* RemoveMapping(Context* context, const v1::RemoveMappingRequest* request,
                         v1::ApplyResponse* response) override;
  Reactor* ListMappings(Context* context, const v1::ListMappingsRequest* request,
                        v1::ListMappingsResponse* response) override;
  Reactor* ListHosts(Context* context, const v1::ListHostsRequest* request,
                     v1::ListHostsResponse* response) override;
  Reactor* GetHost(Context* context, const v1::GetHostRequest* request,
                   v1::Host* response) override;
  Reactor* RevokeHost(Context* context, const v1::RevokeHostRequest* request,
                      v1::RevokeHostResponse* response) override;
  Reactor* ForgetHost(Context* context, const v1::ForgetHostRequest* request,
                      v1::ForgetHostResponse* response) override;
  Reactor* SetHostLabels(Context* context, const v1::SetHostLabelsRequest* request,
                         v1::SetHostLabelsResponse* response) override;
  Reactor* GetVersion(Context* context, const v1::GetVersionRequest* request,
                      v1::GetVersionResponse* response) override;
  grpc::ServerWriteReactor<v1::Rollout>* WatchRollout(
      Context* context, const v1::WatchRolloutRequest* request) override;
  grpc::ServerWriteReactor<v1::Answer>* AskHost(Context* context,
                                                const v1::AskHostRequest* request) override;
  grpc::ServerWriteReactor<v1::LogRecords>* SearchLogs(
      Context* context, const v1::SearchLogsRequest* request) override;
  grpc::ServerWriteReactor<v1::LogRecords>* FollowLogs(
      Context* context, const v1::FollowLogsRequest* request) override;
  grpc::ServerWriteReactor<v1::LogRecords>* StartLogCall(Context* context,
                                                         const v1::LogFilter& filter,
                                                         LogCall::Request request);

  grpc::ServerWriteReactor<v1::AuditRows>* ReadAudit(Context* context,
                                                     const v1::ReadAuditRequest* request) override;

  // Admits the caller, does `work` on the worker, and answers with its result.
  template <typename Response>
  Reactor* Serve(Context* context, absl::string_view action, Response* response,
                 std::function<absl::StatusOr<Response>(const Actor&)> work) {
    return ServeOn(parts_.worker, context, action, response, std::move(work));
  }
  // The same on another worker.
  template <typename Response>
  Reactor* ServeOn(Worker& worker, Context* context, absl::string_view action, Response* response,
                   std::function<absl::StatusOr<Response>(const Actor&)> work);

  const AdminParts parts_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_ADMIN_SERVICE_H_
