// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_EGRESS_H_
#define FIREBREAK_POLICY_COMPILE_EGRESS_H_

#include "absl/status/statusor.h"
#include "policy/compile/dispatch.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// Makes the netdev table. At every interface except loopback and ports of bridges, it judges what
// packet sockets send, which bypasses IP and its hooks. No packet with a forged source leaves.
absl::StatusOr<ruleset::Table> CompileEgress(const Subject& subject, TableBuilder table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_EGRESS_H_
