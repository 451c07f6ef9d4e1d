// SPDX-License-Identifier: Apache-2.0
#include "controller/enrolment/enrolment_desk.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log/log.h"

namespace firebreak::controller {

v1::EnrolAnswer RefusedEnrolment(const absl::Status& status) {
  v1::EnrolAnswer answer;
  answer.mutable_refused()->set_code(static_cast<uint32_t>(status.code()));
  answer.mutable_refused()->set_message(std::string(status.message()));
  return answer;
}

v1::EnrolAnswer EnrolmentDesk::Answer(const v1::EnrolRequest& request,
                                      const std::optional<Caller>& proof,
                                      const std::string& address) {
  auto enrolled = enrolment_.Enrol(request, proof, address, absl::Now());
  if (!enrolled.ok()) {
    gatekeeper_.Refused(address, proof.has_value() ? proof->Text() : "", "enrol",
                        absl::StrCat("host ", request.name()), enrolled.status());
    return RefusedEnrolment(enrolled.status());
  }
  LogInfo("host ", request.name(), " has enrolled from ", address);
  v1::EnrolAnswer answer;
  *answer.mutable_enrolled() = *std::move(enrolled);
  return answer;
}

void EnrolmentDesk::Enrol(v1::EnrolRequest request, std::optional<Caller> proof,
                          std::string address, std::function<void(v1::EnrolAnswer)> done) {
  const bool taken =
      worker_.Do([this, request = std::move(request), proof = std::move(proof),
                  address = std::move(address), done] { done(Answer(request, proof, address)); });
  if (taken) return;
  done(RefusedEnrolment(absl::UnavailableError("too many hosts enrol at once; try again")));
}

}  // namespace firebreak::controller
