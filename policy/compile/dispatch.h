// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_DISPATCH_H_
#define FIREBREAK_POLICY_COMPILE_DISPATCH_H_

#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "policy/compile/compile.h"
#include "policy/compile/match.h"
#include "policy/compile/object_name.h"
#include "policy/compile/table.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {

// The input from which all chains are made. Everything in it must outlive the compilation.
struct Subject {
  const v1::EffectivePolicy& policy;
  std::span<const Interface> interfaces;  // the host's interfaces
  const v1::Sharing& sharing;             // empty if nothing is shared
  PortSpan client_ports;
};

// Returns the rules by which a profile judges packets. `scope` names the sets and maps of the
// profile's mappings; profiles whose mappings mean the same share a scope.
using RulesOf = std::function<std::vector<ruleset::Rule>(const Profile&, const ObjectName& scope)>;

// Makes one chain NAME/LOCATION for each location and, for interfaces there with settings of their
// own, NAME/LOCATION/sN. Returns the rules that lead each packet to the chain for the location of
// its interface; these rules decide about every packet.
std::vector<ruleset::Rule> Dispatch(const Subject& subject, const std::string& name,
                                    const Direction& direction, const RulesOf& rules_of,
                                    TableBuilder& table);

// Returns the profile of one existing interface; it is empty for a private interface of sharing,
// which has no firewall.
Profile ProfileFor(const Subject& subject, const v1::EffectiveLocation& location,
                   const Interface& interface);
// Returns only the firewall's mode of that profile, which takes less to find out.
v1::Firewall::Mode FirewallFor(const Subject& subject, const v1::EffectiveLocation& location,
                               const Interface& interface);
// Returns the scope that Dispatch gives to the interface's profile.
ObjectName ScopeOf(const Subject& subject, const v1::EffectiveLocation& location,
                   const Direction& direction, const Interface& interface);

// Whether any interface at any location could have a profile for which `holds`.
bool AnyProfile(const Subject& subject, const std::function<bool(const Profile&)>& holds);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_DISPATCH_H_
