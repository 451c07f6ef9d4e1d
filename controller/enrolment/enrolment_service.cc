// SPDX-License-Identifier: Apache-2.0
#include "controller/enrolment/enrolment_service.h"

#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "base/log/log.h"
#include "controller/identity/grpc_status.h"

namespace firebreak::controller {
namespace {

grpc::Status Busy() {
  return {grpc::StatusCode::UNAVAILABLE, "too many hosts renew at once; try again"};
}

}  // namespace

grpc::ServerUnaryReactor* EnrolmentService::Renew(grpc::CallbackServerContext* context,
                                                  const v1::RenewRequest* request,
                                                  v1::EnrolResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto caller = gatekeeper_.Admit(*context, Role::kHost, "renew");
  if (!caller.ok()) {
    reactor->Finish(ToGrpc(caller.status()));
    return reactor;
  }
  const bool taken = worker_.Do([this, request, response, reactor, caller = *std::move(caller)] {
    auto renewed = enrolment_.Renew(caller.name, *request, caller.address, absl::Now());
    if (renewed.ok()) {
      *response = *std::move(renewed);
      LogInfo("host ", caller.name, " has renewed its certificate from ", caller.address);
    } else {
      gatekeeper_.Refused(caller.address, caller.Text(), "renew", "", renewed.status());
    }
    reactor->Finish(ToGrpc(renewed.status()));
  });
  if (!taken) reactor->Finish(Busy());
  return reactor;
}

}  // namespace firebreak::controller
