// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_IMPOSSIBLE_H_
#define FIREBREAK_POLICY_COMPILE_IMPOSSIBLE_H_

#include "policy/compile/dispatch.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// Returns the rule, for the hook in front of connection tracking, that refuses TCP segments with
// flags that no stack sends together: both SYN and FIN; neither SYN, ACK nor RST; and so on. The
// valid combinations are those of conntrack's tcp_valid_flags, except SYN with URG.
ruleset::Rule RefuseImpossible(const Subject& subject, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_IMPOSSIBLE_H_
