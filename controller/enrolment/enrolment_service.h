// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ENROLMENT_ENROLMENT_SERVICE_H_
#define FIREBREAK_CONTROLLER_ENROLMENT_ENROLMENT_SERVICE_H_

#include "controller/enrolment/enrolment.h"
#include "controller/identity/gatekeeper.h"
#include "controller/worker/worker.h"
#include "firebreak/v1/fleet.grpc.pb.h"

namespace firebreak::controller {

// The Enrolment service of fleet.proto: checks who calls, has Enrolment do it on `worker`, records
// what is refused. What it refers to must outlive the server.
class EnrolmentService final : public v1::Enrolment::CallbackService {
 public:
  EnrolmentService(const Gatekeeper& gatekeeper, Enrolment& enrolment, Worker& worker)
      : gatekeeper_(gatekeeper), enrolment_(enrolment), worker_(worker) {}

 private:
  grpc::ServerUnaryReactor* Renew(grpc::CallbackServerContext* context,
                                  const v1::RenewRequest* request,
                                  v1::EnrolResponse* response) override;

  const Gatekeeper& gatekeeper_;
  Enrolment& enrolment_;
  Worker& worker_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ENROLMENT_ENROLMENT_SERVICE_H_
