// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FLEET_INQUIRY_H_
#define FIREBREAK_CONTROLLER_FLEET_INQUIRY_H_

#include "absl/status/status.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::controller {

// The asker of a question to a host. Called by the host's stream, on any thread, with none of the
// stream's locks held.
class Inquiry {
 public:
  virtual ~Inquiry() = default;

  // Called for each part of the answer; the final part has `last` set.
  virtual void OnAnswer(v1::Answer answer) = 0;

  // Called when the host's stream has ended, so that no more parts can come.
  virtual void OnHostGone(const absl::Status& reason) = 0;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_INQUIRY_H_
