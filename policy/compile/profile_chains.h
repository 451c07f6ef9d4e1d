// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_PROFILE_CHAINS_H_
#define FIREBREAK_POLICY_COMPILE_PROFILE_CHAINS_H_

#include <string>
#include <vector>

#include "policy/compile/match.h"
#include "policy/compile/object_name.h"
#include "policy/compile/related.h"
#include "policy/compile/table.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {

// Return the rules by which one profile judges a packet that belongs to no established flow. Each
// list ends with a verdict for all remaining packets. `scope` names the maps of the profile's
// mappings.
std::vector<ruleset::Rule> InboundRules(const Profile& profile, const ObjectName& scope,
                                        const PortSpan& client_ports, TableBuilder& table);
std::vector<ruleset::Rule> OutboundRules(const Profile& profile, const ObjectName& scope,
                                         TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_PROFILE_CHAINS_H_
