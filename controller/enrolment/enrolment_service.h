// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ENROLMENT_ENROLMENT_SERVICE_H_
#define FIREBREAK_CONTROLLER_ENROLMENT_ENROLMENT_SERVICE_H_

#include "controller/enrolment/enrolment.h"
#include "controller/identity/gatekeeper.h"
#include "controller/identity/host_methods.h"
#include "controller/worker/worker.h"

namespace firebreak::controller {

// Adds the Enrolment service of fleet.proto to what hosts may call: has Enrolment do it on
// `worker`, and records what is refused. What is referred to must outlive the calls.
void AddEnrolmentService(const Gatekeeper& gatekeeper, Enrolment& enrolment, Worker& worker,
                         HostMethods& methods);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ENROLMENT_ENROLMENT_SERVICE_H_
