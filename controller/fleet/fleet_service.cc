// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/fleet_service.h"

#include "firebreak/v1/fleet.grpc.pb.h"

namespace firebreak::controller {

void AddFleetService(Fleet& fleet, HostMethods& methods) {
  const std::string service = v1::Fleet::service_full_name();
  methods.AddStream(service, "Connect", [&fleet](const std::shared_ptr<Call>& call) {
    return HostStream::Start(call, fleet, fleet.lines());
  });
  // The host only wants to know whether a call gets here.
  methods.AddUnary<v1::ReachRequest, v1::ReachResponse>(
      service, "Reach",
      [](const Caller&, const v1::ReachRequest&, HostMethods::Answer<v1::ReachResponse> answer) {
        answer(v1::ReachResponse());
      });
}

}  // namespace firebreak::controller
