// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_RULING_H_
#define FIREBREAK_POLICY_DIFFERENCE_RULING_H_

#include <cstdint>
#include <string>

#include "policy/resources/icmp_options.h"

namespace firebreak::policy {

// What becomes of the first packet of a flow.
struct Outcome {
  enum class Action : uint8_t {
    kRefused,
    kRejected,  // refused, and the sender is told
    kObserved,  // let pass, and counted and logged as refused: the firewall only observes
    kAdmitted,
    kProxied,    // admitted, once the kernel itself has completed the TCP handshake
    kForwarded,  // admitted, and sent elsewhere
  };
  Action action = Action::kRefused;
  // Where kForwarded sends it: 4 or 16 bytes, or none for this host; 0 for the port that it came
  // to.
  std::string forward_address;
  uint16_t forward_port = 0;
  // On what conditions it is otherwise, and how then; empty: on none. The rest of the outcome is
  // that of a witness.
  std::string otherwise = {};

  friend bool operator==(const Outcome&, const Outcome&) = default;

  template <typename Hash>
  friend Hash AbslHashValue(Hash hash, const Outcome& outcome) {
    return Hash::combine(std::move(hash), outcome.action, outcome.forward_address,
                         outcome.forward_port, outcome.otherwise);
  }
};

// Whether such a packet gets through.
inline bool Passes(const Outcome& outcome) {
  return outcome.action != Outcome::Action::kRefused &&
         outcome.action != Outcome::Action::kRejected;
}

// What of a policy, or in place of one, decides so.
struct Cause {
  enum class Kind : uint8_t {
    kUnmanaged,        // no policy selects the host
    kPrivate,          // a private interface of sharing has no firewall
    kFirewall,         // `firewall: off`
    kMapping,          // `mapping` of `policy`
    kIcmp,             // the policy's `icmp` list, which has or has not the option
    kOutboundDefault,  // `outbound.default`
    kNothingOpens,     // no mapping covers it
    kEssential,        // what a host needs in any case: DHCP, neighbour discovery
  };
  Kind kind = Kind::kNothingOpens;
  std::string policy;   // empty: none says anything, so the built-in default holds
  std::string mapping;  // of kMapping: its name; of kIcmp: the option's, none if it lacks

  friend bool operator==(const Cause&, const Cause&) = default;

  template <typename Hash>
  friend Hash AbslHashValue(Hash hash, const Cause& cause) {
    return Hash::combine(std::move(hash), cause.kind, cause.policy, cause.mapping);
  }
};

struct Ruling {
  Outcome outcome;
  Cause cause;

  friend bool operator==(const Ruling&, const Ruling&) = default;

  template <typename Hash>
  friend Hash AbslHashValue(Hash hash, const Ruling& ruling) {
    return Hash::combine(std::move(hash), ruling.outcome, ruling.cause);
  }
};

// "admitted", "refused", "forwarded to 192.168.0.5:3389".
std::string OutcomeText(const Outcome& outcome);
// "mapping ssh of policy laptops", "no mapping opens it".
std::string CauseText(const Cause& cause);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_RULING_H_
