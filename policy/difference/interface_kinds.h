#ifndef FIREBREAK_POLICY_DIFFERENCE_INTERFACE_KINDS_H_
#define FIREBREAK_POLICY_DIFFERENCE_INTERFACE_KINDS_H_

#include <string>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "policy/compile/compile.h"

namespace firebreak::policy {

// Interfaces that a location treats alike, before a change and after it.
struct InterfaceKind {
  Interface example;  // one of them; its index is 0
  std::string text;   // "wireless interfaces", "eth0", "other interfaces"; empty: all there can be
};

// Every interface that there can be is of one of the kinds. Sharing, whose private interfaces have
// no firewall, is of the host as a whole, and so given.
std::vector<InterfaceKind> InterfaceKinds(const v1::EffectiveLocation& before,
                                          const v1::Sharing& sharing_before,
                                          const v1::EffectiveLocation& after,
                                          const v1::Sharing& sharing_after);

bool IsPrivate(const v1::Sharing& sharing, const std::string& interface);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_INTERFACE_KINDS_H_
