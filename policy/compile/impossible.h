#ifndef FIREBREAK_POLICY_COMPILE_IMPOSSIBLE_H_
#define FIREBREAK_POLICY_COMPILE_IMPOSSIBLE_H_

#include "policy/compile/dispatch.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// The rule, for the hook in front of connection tracking, that refuses TCP segments with flags that
// no stack sends together: both SYN and FIN, neither SYN nor ACK nor RST, … What may be is what
// conntrack's tcp_valid_flags knows, but for SYN with URG.
ruleset::Rule RefuseImpossible(const Subject& subject, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_IMPOSSIBLE_H_
