// SPDX-License-Identifier: Apache-2.0
#include "controller/enrolment/enrolment_service.h"

#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "base/log/log.h"
#include "firebreak/v1/fleet.grpc.pb.h"

namespace firebreak::controller {

void AddEnrolmentService(const Gatekeeper& gatekeeper, Enrolment& enrolment, Worker& worker,
                         HostMethods& methods) {
  methods.AddUnary<v1::RenewRequest, v1::EnrolResponse>(
      v1::Enrolment::service_full_name(), "Renew",
      [&](const Caller& caller, const v1::RenewRequest& request,
          const HostMethods::Answer<v1::EnrolResponse>& answer) {
        const bool taken = worker.Do([&gatekeeper, &enrolment, caller, request, answer] {
          auto renewed = enrolment.Renew(caller.name, request, caller.address, absl::Now());
          if (renewed.ok()) {
            LogInfo("host ", caller.name, " has renewed its certificate from ", caller.address);
          } else {
            gatekeeper.Refused(caller.address, caller.Text(), "renew", "", renewed.status());
          }
          answer(std::move(renewed));
        });
        if (!taken) {
          answer(absl::UnavailableError("too many hosts renew at once; try again"));
        }
      });
}

}  // namespace firebreak::controller
