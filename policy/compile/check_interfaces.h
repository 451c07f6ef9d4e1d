// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_CHECK_INTERFACES_H_
#define FIREBREAK_POLICY_COMPILE_CHECK_INTERFACES_H_

#include <optional>
#include <span>
#include <string>

#include "firebreak/v1/effective.pb.h"
#include "policy/compile/compile.h"

namespace firebreak::policy {

// A demand of a policy that a host's interfaces cannot meet.
struct InterfaceFault {
  std::string reason;
  std::string policy;  // the policy that makes the demand
};

// Finds a section that gives a firewall to a bridge, a port of a bridge, or a private interface of
// sharing. The packets of such an interface do not pass the host's hooks, or are judged at another
// interface. A section is at fault if it names such an interface, or if its patterns match no other
// interface of this host. If its patterns also match others, they mean these; sections with types
// only are never at fault. Returns nullopt if there is no such section.
std::optional<InterfaceFault> CheckInterfaces(const v1::EffectivePolicy& policy,
                                              std::span<const Interface> interfaces);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_CHECK_INTERFACES_H_
