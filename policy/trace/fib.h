// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_TRACE_FIB_H_
#define FIREBREAK_POLICY_TRACE_FIB_H_

#include <optional>

#include "policy/ruleset/expression.h"
#include "policy/trace/host_state.h"
#include "policy/trace/packet.h"

namespace firebreak::policy {

// Returns the value that the expression puts into its register, or nullopt if the expression ends
// the rule (net/ipv4/netfilter/nft_fib_ipv4.c and net/ipv6/netfilter/nft_fib_ipv6.c).
std::optional<ruleset::Bytes> AskFib(const ruleset::Fib& fib, const Packet& packet,
                                     const HostState& host);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_FIB_H_
