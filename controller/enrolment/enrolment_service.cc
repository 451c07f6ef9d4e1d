#include "controller/enrolment/enrolment_service.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log/log.h"
#include "controller/identity/grpc_status.h"
#include "controller/identity/peer_address.h"

namespace firebreak::controller {
namespace {

grpc::Status Busy() {
  return {grpc::StatusCode::UNAVAILABLE, "too many hosts enrol at once; try again"};
}

}  // namespace

grpc::ServerUnaryReactor* EnrolmentService::Enrol(grpc::CallbackServerContext* context,
                                                  const v1::EnrolRequest* request,
                                                  v1::EnrolResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const bool taken = worker_.Do([this, context, request, response, reactor] {
    const std::string peer = PeerAddress(context->peer());
    const auto caller = gatekeeper_.Identify(*context->auth_context());
    auto enrolled = enrolment_.Enrol(*request, caller.ok() ? std::optional(*caller) : std::nullopt,
                                     peer, absl::Now());
    if (enrolled.ok()) {
      *response = *std::move(enrolled);
      LogInfo("host ", request->name(), " has enrolled from ", peer);
    } else {
      gatekeeper_.Refused(*context, caller.ok() ? caller->Text() : "", "enrol",
                          absl::StrCat("host ", request->name()), enrolled.status());
    }
    reactor->Finish(ToGrpc(enrolled.status()));
  });
  if (!taken) reactor->Finish(Busy());
  return reactor;
}

grpc::ServerUnaryReactor* EnrolmentService::Renew(grpc::CallbackServerContext* context,
                                                  const v1::RenewRequest* request,
                                                  v1::EnrolResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto caller = gatekeeper_.Admit(*context, Role::kHost, "renew");
  if (!caller.ok()) {
    reactor->Finish(ToGrpc(caller.status()));
    return reactor;
  }
  const bool taken =
      worker_.Do([this, context, request, response, reactor, caller = *std::move(caller)] {
        const std::string peer = PeerAddress(context->peer());
        auto renewed = enrolment_.Renew(caller.name, *request, peer, absl::Now());
        if (renewed.ok()) {
          *response = *std::move(renewed);
          LogInfo("host ", caller.name, " has renewed its certificate from ", peer);
        } else {
          gatekeeper_.Refused(*context, caller.Text(), "renew", "", renewed.status());
        }
        reactor->Finish(ToGrpc(renewed.status()));
      });
  if (!taken) reactor->Finish(Busy());
  return reactor;
}

}  // namespace firebreak::controller
