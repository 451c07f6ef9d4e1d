#ifndef FIREBREAK_AGENT_ENFORCE_SOLE_ENFORCER_H_
#define FIREBREAK_AGENT_ENFORCE_SOLE_ENFORCER_H_

#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "agent/kernel/nflog/nflog.h"

namespace firebreak::agent {

// The right to write rules in the network namespace of the caller, which one process has at a time.
// Two agents with two state directories would undo each other's rules for ever.
//
// The kernel keeps it: it lets one socket listen to a group of NFLOG, one of root's only, and
// notices its end however the process ends. So nobody else can take the right, and it is never left
// behind.
class SoleEnforcer {
 public:
  // FailedPrecondition: another process has it, with what to do about that. A kernel that cannot
  // tell gives it to everybody.
  static absl::StatusOr<SoleEnforcer> Claim();

 private:
  explicit SoleEnforcer(std::optional<Nflog> group) : group_(std::move(group)) {}

  std::optional<Nflog> group_;  // nothing is ever logged to it
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ENFORCE_SOLE_ENFORCER_H_
