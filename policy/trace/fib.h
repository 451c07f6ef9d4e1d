#ifndef FIREBREAK_POLICY_TRACE_FIB_H_
#define FIREBREAK_POLICY_TRACE_FIB_H_

#include <optional>

#include "policy/ruleset/expression.h"
#include "policy/trace/host_state.h"
#include "policy/trace/packet.h"

namespace firebreak::policy {

// What the expression puts into its register (net/ipv4/netfilter/nft_fib_ipv4.c and _ipv6.c).
// None: it ends the rule.
std::optional<ruleset::Bytes> AskFib(const ruleset::Fib& fib, const Packet& packet,
                                     const HostState& host);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_FIB_H_
