#ifndef FIREBREAK_POLICY_COMPILE_HANDSHAKE_H_
#define FIREBREAK_POLICY_COMPILE_HANDSHAKE_H_

#include <string>
#include <vector>

#include "policy/compile/dispatch.h"
#include "policy/compile/object_name.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// Mappings whose TCP handshake the kernel completes before the service sees anything (SYN proxy):
// a flood of SYNs from nowhere costs neither memory nor the service's backlog.

// The rules for the hook in front of connection tracking, which keep their SYNs from being tracked;
// none if no mapping wants it.
std::vector<ruleset::Rule> UntrackProxied(const Subject& subject, TableBuilder& table);

// Answers what comes to them, in front of the rule that refuses invalid packets; none if no mapping
// of the profile wants it.
std::vector<ruleset::Rule> AnswerProxied(const Profile& profile, const ObjectName& scope,
                                         TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_HANDSHAKE_H_
