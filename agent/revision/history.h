// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_REVISION_HISTORY_H_
#define FIREBREAK_AGENT_REVISION_HISTORY_H_

#include "absl/status/status.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::agent {

// The value of History.fleet in pushes that a host without a controller has made for itself.
inline constexpr char kStandalone[] = "stand-alone";

// Whether the host has made the push for itself.
inline bool IsStandalone(const v1::Push& push) { return push.history().fleet() == kStandalone; }

// Checks whether `push` may replace the push that is in force. FailedPrecondition: `push` is an
// older revision of the same fleet, and the controller does not say that its fleet was set back on
// purpose, so the controller may have lost the newer revisions.
absl::Status CheckNotOlder(const v1::Push& in_force, const v1::Push& push);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_REVISION_HISTORY_H_
