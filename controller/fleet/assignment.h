// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FLEET_ASSIGNMENT_H_
#define FIREBREAK_CONTROLLER_FLEET_ASSIGNMENT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "controller/front/http2/grpc_wire.h"
#include "firebreak/v1/state.pb.h"
#include "policy/capability/needed.h"

namespace firebreak::controller {

// The push that all hosts with the same policies get at one revision: the serialized
// ControllerMessage with the Push, made once. Sending it to one more host costs a reference, not a
// copy.
struct Assignment {
  uint64_t revision = 0;
  std::string policy_digest;  // SHA-256 of the serialized EffectivePolicy
  bool managed = false;
  policy::NeededCapability needed;  // what a host must understand to take the policy
  WireMessage full;
  // The push without the policy, for a host that has the policy with this digest.
  WireMessage brief;
};

// `policy` is a serialized EffectivePolicy. ResourceExhausted if the push would be larger than
// hosts accept.
absl::StatusOr<Assignment> MakeAssignment(uint64_t revision, const v1::History& history,
                                          absl::string_view policy, bool managed);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_ASSIGNMENT_H_
