// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FLEET_FLEET_SERVICE_H_
#define FIREBREAK_CONTROLLER_FLEET_FLEET_SERVICE_H_

#include "controller/fleet/fleet.h"
#include "controller/identity/gatekeeper.h"
#include "firebreak/v1/fleet.grpc.pb.h"

namespace firebreak::controller {

// The Fleet service of fleet.proto. Connect is raw, so that all hosts with the same policy are sent
// the same serialized push. All constructor arguments must outlive the server.
class FleetService final : public v1::Fleet::WithRawCallbackMethod_Connect<
                               v1::Fleet::WithCallbackMethod_Reach<v1::Fleet::Service>> {
 public:
  FleetService(const Gatekeeper& gatekeeper, Fleet& fleet)
      : gatekeeper_(gatekeeper), fleet_(fleet) {}

 private:
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Connect(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* Reach(grpc::CallbackServerContext* context,
                                  const v1::ReachRequest* request,
                                  v1::ReachResponse* response) override;

  const Gatekeeper& gatekeeper_;
  Fleet& fleet_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_FLEET_SERVICE_H_
