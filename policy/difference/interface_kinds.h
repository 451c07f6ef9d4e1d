// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_INTERFACE_KINDS_H_
#define FIREBREAK_POLICY_DIFFERENCE_INTERFACE_KINDS_H_

#include <string>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "policy/compile/compile.h"

namespace firebreak::policy {

// A set of interfaces that a location treats alike before a change, and alike after it.
struct InterfaceKind {
  Interface example;  // a member of the set, with index 0
  // For example "wireless interfaces", "eth0" or "other interfaces"; empty if all interfaces are of
  // one kind.
  std::string text;
};

// Returns kinds that cover every possible interface. Sharing is given separately, because it
// belongs to the host as a whole; its private interfaces have no firewall.
std::vector<InterfaceKind> InterfaceKinds(const v1::EffectiveLocation& before,
                                          const v1::Sharing& sharing_before,
                                          const v1::EffectiveLocation& after,
                                          const v1::Sharing& sharing_after);

bool IsPrivate(const v1::Sharing& sharing, const std::string& interface);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_INTERFACE_KINDS_H_
