// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_MAPPINGS_H_
#define FIREBREAK_POLICY_COMPILE_MAPPINGS_H_

#include <string>
#include <vector>

#include "policy/compile/match.h"
#include "policy/compile/object_name.h"
#include "policy/compile/table.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {

// Puts the profile's mappings of one direction into maps below the name SCOPE and returns the rules
// that look a packet up in them. The number of lookups does not depend on the number of mappings.
// The maps have an element for each port, range of ports and prefix:
//
//   SCOPE/remote-ports, SCOPE/remote-ranges/PROTOCOL, SCOPE/remote-protocols
//                          ports for which mappings have prefixes → jump to
//   SCOPE/remote/…         the chain that looks the remote address up in
//   SCOPE/addresses4/…, SCOPE/addresses6/…
//   SCOPE/ports, SCOPE/ranges/PROTOCOL, SCOPE/protocols
//                          ports that are open, or blocked, for any address
//
// A mapping that matches more than that has rules of its own between the maps. Maps SCOPE/part/N/…
// behind it hold the mappings that must not be looked up before it.
//
// Packets that no mapping decides about go on behind the rules. A second call with the same scope,
// for interfaces that share a list, returns the same rules.
std::vector<ruleset::Rule> CompileMappings(const Profile& profile, const Direction& direction,
                                           const ObjectName& scope, TableBuilder& table);

// Returns rules that look up a flow whose destination was changed in the maps of the inbound list,
// by its original destination. Packets that no mapping decides about go on behind the rules.
std::vector<ruleset::Rule> CompileForwarded(const Profile& profile, const ObjectName& scope,
                                            TableBuilder& table);
// Returns a verdict that leads to a chain of these rules, which refuses all other packets.
ruleset::Verdict AdmitForwarded(const Profile& profile, const ObjectName& scope,
                                TableBuilder& table);

// Returns the verdict for an incoming packet that nothing lets in.
ruleset::Verdict RefuseUnsolicited(const Profile& profile, TableBuilder& table);

// Returns the scope for the maps of one part of a list (PartsOf). The first part's maps are in the
// list's scope itself.
ObjectName PartName(const ObjectName& scope, size_t part);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_MAPPINGS_H_
