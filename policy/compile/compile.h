#ifndef FIREBREAK_POLICY_COMPILE_COMPILE_H_
#define FIREBREAK_POLICY_COMPILE_COMPILE_H_

#include <span>
#include <string>

#include "firebreak/v1/effective.pb.h"
#include "policy/compile/origins.h"
#include "policy/ruleset/ruleset.h"

namespace firebreak::policy {

// A network interface, as far as rules depend on it.
struct Interface {
  std::string name;
  std::string type;  // as in InterfaceMatch.types

  friend bool operator==(const Interface&, const Interface&) = default;
};

// The whole ruleset of a host: all its locations at once, so that a change of location changes an
// element of a set and no rule. Absent for an unmanaged host.
//
// `policy` is checked already (CheckEffective). The same input gives the same output.
//
//   input, output             loopback and established flows pass; then, by location,
//   in.LOCATION               the interfaces with settings of their own go to their chains, the
//                             others are judged here:
//   in.LOCATION.sN            those for which the sections N of the policies hold
//   drop.REASON               counts and drops; observe.REASON counts and lets pass
ruleset::Ruleset Compile(const v1::EffectivePolicy& policy, std::span<const Interface> interfaces);

// The same, and where its elements come from; they point into the policy.
ruleset::Ruleset Compile(const v1::EffectivePolicy& policy, std::span<const Interface> interfaces,
                         Origins& origins);

// The set that holds the indices of the interfaces that are at a location.
std::string LocationSetName(const std::string& location);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_COMPILE_H_
