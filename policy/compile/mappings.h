#ifndef FIREBREAK_POLICY_COMPILE_MAPPINGS_H_
#define FIREBREAK_POLICY_COMPILE_MAPPINGS_H_

#include <string>
#include <vector>

#include "policy/compile/match.h"
#include "policy/compile/object_name.h"
#include "policy/compile/table.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {

// Puts the profile's mappings of one direction into maps named SCOPE/sources4, /sources6, /hosts4,
// /hosts6, /ports, /ranges and /protocols, as many of them as it needs, and returns the rules that
// look a packet up in them: at most one lookup in each, however many mappings there are. What no
// mapping decides goes on. A second call with the same scope, for interfaces that share a list,
// gives the same rules.
std::vector<ruleset::Rule> CompileMappings(const Profile& profile, const Direction& direction,
                                           const ObjectName& scope, TableBuilder& table);

// To a chain that looks a flow whose destination was changed up in the maps of the inbound list, by
// where its first packet was sent to; what is not in them is refused.
ruleset::Verdict AdmitForwarded(const Profile& profile, const ObjectName& scope, bool observe,
                                TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_MAPPINGS_H_
