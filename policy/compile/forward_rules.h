// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_FORWARD_RULES_H_
#define FIREBREAK_POLICY_COMPILE_FORWARD_RULES_H_

#include <vector>

#include "policy/compile/dispatch.h"
#include "policy/compile/object_name.h"
#include "policy/compile/table.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {

// The rules of a profile about what is routed (Settings.forward), one after the other: the first
// that holds decides. In them `remote` is the source and `local` the destination. Each leads to a
// chain of its own, SCOPE/rule/POLICY/NAME, by which a trace knows it; one with limits by way of
// SCOPE/routed/limit/POLICY/NAME.
//
// Interfaces that a rule means by type or pattern are those that the agent has seen. What comes in
// or goes out by another is refused while there is such a rule, which might be about it.
std::vector<ruleset::Rule> CompileForwardRules(const Subject& subject, const Profile& profile,
                                               const ObjectName& scope, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_FORWARD_RULES_H_
