// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_FORWARDS_H_
#define FIREBREAK_POLICY_COMPILE_FORWARDS_H_

#include <string>
#include <vector>

#include "policy/compile/dispatch.h"
#include "policy/compile/object_name.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// Whether the profile has mappings with `forward_to`. These change the destination of a flow's
// first packet, and the later packets follow. Whether the flow may come in is decided afterwards,
// by its original destination.

bool HasForwards(const Profile& profile);
// Whether any forwarding mapping leads to another host.
bool SendsOn(const Profile& profile, uint8_t family);

// Returns rules that look the packet's protocol, port and source up in maps named SCOPE/to…, as
// many as needed, and change the packet's destination to the result.
std::vector<ruleset::Rule> ChangeDestination(const Profile& profile, const ObjectName& scope,
                                             TableBuilder& table);

// Adds the chain of the hook at which destinations change; adds nothing if no mapping forwards.
void AddForwards(const Subject& subject, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_FORWARDS_H_
