// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ENROLMENT_ENROLMENT_DESK_H_
#define FIREBREAK_CONTROLLER_ENROLMENT_ENROLMENT_DESK_H_

#include <functional>
#include <optional>
#include <string>

#include "controller/enrolment/enrolment.h"
#include "controller/identity/gatekeeper.h"
#include "controller/worker/worker.h"
#include "firebreak/v1/enrolment.pb.h"

namespace firebreak::controller {

// Where the front takes those who want to enrol: has Enrolment do it on `worker`, records what is
// refused, and makes the answer.
//
// Thread-safe; what it refers to must outlive it.
class EnrolmentDesk {
 public:
  EnrolmentDesk(const Gatekeeper& gatekeeper, Enrolment& enrolment, Worker& worker)
      : gatekeeper_(gatekeeper), enrolment_(enrolment), worker_(worker) {}

  // `proof` is who the certificate names that the host has shown and holds the key of, if the
  // fleet's CA vouches for it; see Enrolment::Enrol. `done` is called once, from the worker's
  // thread or before this returns.
  void Enrol(v1::EnrolRequest request, std::optional<Caller> proof, std::string address,
             std::function<void(v1::EnrolAnswer)> done);

 private:
  v1::EnrolAnswer Answer(const v1::EnrolRequest& request, const std::optional<Caller>& proof,
                         const std::string& address);

  const Gatekeeper& gatekeeper_;
  Enrolment& enrolment_;
  Worker& worker_;
};

v1::EnrolAnswer RefusedEnrolment(const absl::Status& status);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ENROLMENT_ENROLMENT_DESK_H_
