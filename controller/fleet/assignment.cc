// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/assignment.h"

#include "absl/strings/str_cat.h"
#include "base/openssl/openssl.h"
#include "firebreak/v1/fleet.pb.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::controller {

absl::StatusOr<Assignment> MakeAssignment(uint64_t revision, const v1::History& history,
                                          absl::string_view policy, bool managed) {
  Assignment assignment{.revision = revision, .policy_digest = Sha256(policy), .managed = managed};
  v1::ControllerMessage message;
  v1::Push& push = *message.mutable_push();
  push.set_revision(revision);
  push.set_policy_digest(assignment.policy_digest);
  *push.mutable_history() = history;
  assignment.brief = ToWire(message.SerializeAsString());
  push.set_policy(policy.data(), policy.size());
  const size_t size = message.ByteSizeLong();
  if (size > static_cast<size_t>(kMaxMessageBytes)) {
    return absl::ResourceExhaustedError(absl::StrCat("the merged policy takes ", size,
                                                     " bytes; a host accepts ", kMaxMessageBytes,
                                                     ": let it have fewer mappings"));
  }
  assignment.full = ToWire(message.SerializeAsString());
  return assignment;
}

}  // namespace firebreak::controller
