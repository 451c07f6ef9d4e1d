// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_CONFIRM_H_
#define FIREBREAK_POLICY_DIFFERENCE_CONFIRM_H_

#include <optional>
#include <string>
#include <vector>

#include "policy/compile/compile.h"
#include "policy/difference/ruling.h"
#include "policy/difference/witness.h"
#include "policy/trace/host_state.h"
#include "policy/trace/trace.h"

namespace firebreak::policy {

// Returns the witness as a complete packet with valid checksums, to or from the host's address
// `own`.
ruleset::Bytes DatagramOf(const Witness& witness, const ruleset::Bytes& own, uint16_t id);

// Compiles a policy for an imagined host with one interface at one location, and traces witnesses
// through its rules. The host's only routes lead out by that interface.
class TracedHost {
 public:
  // `policy` must have passed CheckEffective.
  TracedHost(const v1::EffectivePolicy& policy, const Interface& interface,
             const std::string& location, const std::string& host_location);
  TracedHost(const TracedHost&) = delete;
  TracedHost& operator=(const TracedHost&) = delete;

  Trace Ask(const Witness& witness) const;

  // Whether a trace of the packet ends with this outcome.
  bool Confirms(const Witness& witness, const Outcome& outcome) const;

 private:
  const std::vector<Interface> interfaces_;
  ruleset::Ruleset ruleset_;
  std::optional<BaseChains> chains_;  // of ruleset_, which then no longer changes
  HostState state_;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_CONFIRM_H_
