// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_RULING_H_
#define FIREBREAK_POLICY_DIFFERENCE_RULING_H_

#include <cstdint>
#include <string>

#include "policy/resources/icmp_options.h"

namespace firebreak::policy {

// What happens to the first packet of a flow.
struct Outcome {
  enum class Action : uint8_t {
    kRefused,
    kRejected,  // refused, and the sender is told
    kObserved,  // let pass, and counted and logged as refused: the firewall only observes
    kAdmitted,
    kProxied,    // admitted, once the kernel itself has completed the TCP handshake
    kForwarded,  // admitted and sent on, by address or port
  };
  Action action = Action::kRefused;
  // Where kForwarded sends the packet. The address has 4 or 16 bytes, or is empty for this host.
  // Port 0 keeps the packet's own port.
  std::string forward_address;
  uint16_t forward_port = 0;
  // The conditions under which the outcome differs, and how; empty: none. The other fields hold for
  // a witness (witness.h).
  std::string otherwise = {};

  friend bool operator==(const Outcome&, const Outcome&) = default;

  template <typename Hash>
  friend Hash AbslHashValue(Hash hash, const Outcome& outcome) {
    return Hash::combine(std::move(hash), outcome.action, outcome.forward_address,
                         outcome.forward_port, outcome.otherwise);
  }
};

// Whether the packet gets through.
inline bool Passes(const Outcome& outcome) {
  return outcome.action != Outcome::Action::kRefused &&
         outcome.action != Outcome::Action::kRejected;
}

// What causes a ruling: a part of a policy, or a default.
struct Cause {
  enum class Kind : uint8_t {
    kUnmanaged,        // no policy selects the host
    kPrivate,          // a private interface of sharing has no firewall
    kFirewall,         // `firewall: off`
    kMapping,          // `mapping` of `policy`
    kIcmp,             // the policy's `icmp` list has, or lacks, the option
    kOutboundDefault,  // `outbound.default`
    kNothingOpens,     // no mapping covers the packet
    kEssential,        // what a host needs in any case: DHCP, neighbour discovery
  };
  Kind kind = Kind::kNothingOpens;
  std::string policy;   // empty: the built-in default decides
  std::string mapping;  // kMapping: its name; kIcmp: the option, empty if the list lacks it

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

// Returns a text such as "admitted", "refused" or "forwarded to 192.168.0.5:3389".
std::string OutcomeText(const Outcome& outcome);
// Returns a text such as "mapping ssh of policy laptops" or "no mapping opens it".
std::string CauseText(const Cause& cause);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_RULING_H_
