#ifndef FIREBREAK_POLICY_COMPILE_EGRESS_H_
#define FIREBREAK_POLICY_COMPILE_EGRESS_H_

#include "absl/status/statusor.h"
#include "policy/compile/dispatch.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// The netdev table: at every interface but loopback and the ports of bridges, what packet sockets
// send past IP and its hooks. A forged source does not leave.
absl::StatusOr<ruleset::Table> CompileEgress(const Subject& subject, TableBuilder table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_EGRESS_H_
