// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/fleet_service.h"

#include "controller/identity/grpc_status.h"

namespace firebreak::controller {
namespace {

// Ends a stream with a status as it begins.
class Refusing final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  explicit Refusing(const absl::Status& status) { Finish(ToGrpc(status)); }
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* FleetService::Connect(
    grpc::CallbackServerContext* context) {
  const auto caller = gatekeeper_.Admit(*context, Role::kHost, "connect");
  if (!caller.ok()) return new Refusing(caller.status());
  return HostStream::Start(context,
                           {.name = caller->name,
                            .address = caller->address,
                            .certificate_not_after = caller->not_after},
                           fleet_, fleet_.lines())
      .get();
}

grpc::ServerUnaryReactor* FleetService::Reach(grpc::CallbackServerContext* context,
                                              const v1::ReachRequest*, v1::ReachResponse*) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(ToGrpc(gatekeeper_.Admit(*context, Role::kHost, "reach").status()));
  return reactor;
}

}  // namespace firebreak::controller
