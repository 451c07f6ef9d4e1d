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

// Puts the profile's mappings of one direction into maps below the name SCOPE, as many as it needs,
// and returns the rules that look a packet up in them: one lookup in each, however many mappings
// there are. They grow by an element for each port, range of ports and prefix:
//
//   SCOPE/remote-ports, SCOPE/remote-ranges/PROTOCOL, SCOPE/remote-protocols
//                          ports for which mappings have prefixes → jump to
//   SCOPE/remote/…         the chain that looks the remote address up in
//   SCOPE/addresses4/…, SCOPE/addresses6/…
//   SCOPE/ports, SCOPE/ranges/PROTOCOL, SCOPE/protocols
//                          ports that are open, or shut, for any address
//
// A mapping that says more about packets stands between, as rules of its own; behind it there are
// maps SCOPE/part/N/… for those that its place in the list keeps from being looked up in front.
//
// What no mapping decides goes on. A second call with the same scope, for interfaces that share a
// list, gives the same rules.
std::vector<ruleset::Rule> CompileMappings(const Profile& profile, const Direction& direction,
                                           const ObjectName& scope, TableBuilder& table);

// The rules that look a flow whose destination was changed up in the maps of the inbound list, by
// where its first packet was sent to. What no mapping decides goes on.
std::vector<ruleset::Rule> CompileForwarded(const Profile& profile, const ObjectName& scope,
                                            TableBuilder& table);
// To a chain of these, which refuses what they do not decide.
ruleset::Verdict AdmitForwarded(const Profile& profile, const ObjectName& scope,
                                TableBuilder& table);

// What becomes of a packet that comes in and that nothing opens the way for.
ruleset::Verdict RefuseUnsolicited(const Profile& profile, TableBuilder& table);

// Where the maps of a part of a list are (PartsOf): the first one's stand in the scope itself.
ObjectName PartName(const ObjectName& scope, size_t part);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_MAPPINGS_H_
