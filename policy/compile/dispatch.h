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

// What all chains are made from. Everything outlives the compilation.
struct Subject {
  const v1::EffectivePolicy& policy;
  std::span<const Interface> interfaces;  // those there are
  const v1::Sharing& sharing;             // empty: none
  PortSpan client_ports;
};

// The rules by which a profile judges. `scope` names the sets and maps of its mappings; profiles
// whose mappings mean the same share one.
using RulesOf = std::function<std::vector<ruleset::Rule>(const Profile&, const ObjectName& scope)>;

// Makes one chain NAME/LOCATION for each location and, for the interfaces there with settings of
// their own, NAME/LOCATION/sN; returns the rules that lead a packet to the chain of the location
// that its interface is at. They decide about every packet.
std::vector<ruleset::Rule> Dispatch(const Subject& subject, const std::string& name,
                                    const Direction& direction, const RulesOf& rules_of,
                                    TableBuilder& table);

// That of one interface which is there: none for private ones of sharing, which have no firewall.
Profile ProfileFor(const Subject& subject, const v1::EffectiveLocation& location,
                   const Interface& interface);
// The scope that Dispatch gives for it.
ObjectName ScopeOf(const Subject& subject, const v1::EffectiveLocation& location,
                   const Direction& direction, const Interface& interface);

// Whether any interface at any location could have a profile for which `holds`.
bool AnyProfile(const Subject& subject, const std::function<bool(const Profile&)>& holds);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_DISPATCH_H_
