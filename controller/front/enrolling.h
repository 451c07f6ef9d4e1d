// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_ENROLLING_H_
#define FIREBREAK_CONTROLLER_FRONT_ENROLLING_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "controller/front/tls_end.h"
#include "firebreak/v1/enrolment.pb.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::controller {

// The request in the bytes of an enrolment; none: it is not all there yet. ResourceExhausted: it is
// too long. InvalidArgument: it is none, or more follows it.
absl::StatusOr<std::optional<v1::EnrolRequest>> ReadEnrolRequest(absl::string_view bytes);

// The conversation of an enrolment (enrolment.proto) on a TLS connection whose handshake is done.
// What it holds of the request, which has a token in it, is wiped.
//
// Threading: one thread at a time; never waits.
class Enrolling {
 public:
  enum class Progress {
    kWaitsToRead,
    kAsked,  // the request is there: see TakeRequest
    kWaitsToWrite,
    kDone,
    kEnded,  // by the client
  };

  // `tls` must outlive it.
  explicit Enrolling(TlsEnd& tls) : tls_(tls) {}
  Enrolling(const Enrolling&) = delete;
  Enrolling& operator=(const Enrolling&) = delete;
  ~Enrolling();

  // Goes on. What cannot be read is refused without asking anybody.
  Progress Step() { return answers_ ? Write() : Read(); }
  // Once, after kAsked; Answer follows.
  v1::EnrolRequest TakeRequest() { return std::move(request_); }
  Progress Answer(const v1::EnrolAnswer& answer);

 private:
  Progress Read();
  Progress Write();

  TlsEnd& tls_;
  bool answers_ = false;
  std::string read_;
  v1::EnrolRequest request_;
  std::string unsent_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_ENROLLING_H_
