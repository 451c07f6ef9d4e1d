#ifndef FIREBREAK_POLICY_COMPILE_CHECK_INTERFACES_H_
#define FIREBREAK_POLICY_COMPILE_CHECK_INTERFACES_H_

#include <optional>
#include <span>
#include <string>

#include "firebreak/v1/effective.pb.h"
#include "policy/compile/compile.h"

namespace firebreak::policy {

// What a policy asks of a host's interfaces that cannot be.
struct InterfaceFault {
  std::string reason;
  std::string policy;  // that asks it
};

// A section that gives a firewall to a bridge, a port of one, or a private interface of sharing:
// what these carry does not pass the host's hooks, or is judged at another interface. It names one,
// or its patterns take in nothing else on this host; where they take in others too, they mean
// those, and so do types. None: nothing of the kind.
std::optional<InterfaceFault> CheckInterfaces(const v1::EffectivePolicy& policy,
                                              std::span<const Interface> interfaces);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_CHECK_INTERFACES_H_
