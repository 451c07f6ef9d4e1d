#ifndef FIREBREAK_CONTROLLER_FLEET_INQUIRY_H_
#define FIREBREAK_CONTROLLER_FLEET_INQUIRY_H_

#include "absl/status/status.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::controller {

// Whoever asked a host something. Called by the host's session, on any thread, with none of its
// locks held.
class Inquiry {
 public:
  virtual ~Inquiry() = default;

  // A part of the answer; the last one has `last`.
  virtual void OnAnswer(v1::Answer answer) = 0;

  // The host's stream has ended: there will be no more answers.
  virtual void OnHostGone(const absl::Status& reason) = 0;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_INQUIRY_H_
