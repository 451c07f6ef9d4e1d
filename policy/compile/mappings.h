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
// What no mapping decides goes on. A second call with the same scope, for interfaces that share a
// list, gives the same rules.
std::vector<ruleset::Rule> CompileMappings(const Profile& profile, const Direction& direction,
                                           const ObjectName& scope, TableBuilder& table);

// To a chain that looks a flow whose destination was changed up in the maps of the inbound list, by
// where its first packet was sent to; what is not in them is refused.
ruleset::Verdict AdmitForwarded(const Profile& profile, const ObjectName& scope, bool observe,
                                TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_MAPPINGS_H_
