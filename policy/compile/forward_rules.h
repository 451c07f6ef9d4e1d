// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_FORWARD_RULES_H_
#define FIREBREAK_POLICY_COMPILE_FORWARD_RULES_H_

#include <vector>

#include "policy/compile/dispatch.h"
#include "policy/compile/object_name.h"
#include "policy/compile/table.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {

// Returns the rules of a profile about routed packets (Settings.forward), in order; the first rule
// that matches decides. In them `remote` is the source and `local` the destination. Each leads to a
// chain of its own, SCOPE/rule/POLICY/NAME, by which a trace recognises it, through
// SCOPE/routed/limit/POLICY/NAME if it has limits.
//
// A rule that names interfaces by type or pattern applies to those that the agent has seen. While
// there is such a rule, packets by any other interface are refused, because the rule might apply to
// it.
std::vector<ruleset::Rule> CompileForwardRules(const Subject& subject, const Profile& profile,
                                               const ObjectName& scope, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_FORWARD_RULES_H_
