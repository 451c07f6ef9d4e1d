// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ENFORCE_SOLE_ENFORCER_H_
#define FIREBREAK_AGENT_ENFORCE_SOLE_ENFORCER_H_

#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "agent/kernel/nflog/nflog.h"

namespace firebreak::agent {

// The right to write rules in the caller's network namespace, which only one process has at a time.
// Two agents with two state directories would undo each other's rules for ever.
//
// The right is held by listening to a group of NFLOG: the kernel lets only one socket, and only
// root's, listen to a group, and closes the socket however the process ends. So no other process
// can take the right, and a dead process never keeps it.
class SoleEnforcer {
 public:
  // FailedPrecondition: another process has the right; the message says what to do. If the
  // kernel cannot say who listens, a warning is logged and every caller succeeds.
  static absl::StatusOr<SoleEnforcer> Claim();

 private:
  explicit SoleEnforcer(std::optional<Nflog> group) : group_(std::move(group)) {}

  std::optional<Nflog> group_;  // nothing is ever logged to it
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ENFORCE_SOLE_ENFORCER_H_
