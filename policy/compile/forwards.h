#ifndef FIREBREAK_POLICY_COMPILE_FORWARDS_H_
#define FIREBREAK_POLICY_COMPILE_FORWARDS_H_

#include <string>
#include <vector>

#include "policy/compile/dispatch.h"
#include "policy/compile/object_name.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// Mappings with `forward_to`: the first packet of a flow gets another destination, all others
// follow. What may come in is decided afterwards, by where it was first sent to.

bool HasForwards(const Profile& profile);
// Whether any of them goes to another host.
bool SendsOn(const Profile& profile, uint8_t family);

// Looks the packet's protocol, port and source up in maps named SCOPE/to…, as many as it needs, and
// changes its destination to what they say.
std::vector<ruleset::Rule> ChangeDestination(const Profile& profile, const ObjectName& scope,
                                             TableBuilder& table);

// The chain of the hook at which destinations change, or nothing if no mapping forwards.
void AddForwards(const Subject& subject, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_FORWARDS_H_
