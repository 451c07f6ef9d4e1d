#ifndef FIREBREAK_POLICY_COMPILE_SPOOFING_H_
#define FIREBREAK_POLICY_COMPILE_SPOOFING_H_

#include "policy/compile/match.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// Each rule jumps to a chain that refuses a packet with a source that cannot be, and returns with
// any other.

// What comes in: an address of this host's own, or one that nobody sends from (RFC 6890): this
// network, loopback, multicast, broadcast; IPv4 addresses in IPv6's clothes. What hosts send that
// have no address yet returns. So does 240.0.0.0/4: it is reserved, but Linux sends from it, and
// some networks use it.
ruleset::Rule CheckSourceInbound(bool observe, TableBuilder& table);

// What the host sends: any but an address of its own, with the same exception, and 127.0.0.0/8 and
// ::1, which are its own but never leave it. In a table that knows flows, flows that address
// translation sends on may still have those: they leave with another.
ruleset::Rule CheckSourceOutbound(bool observe, bool knows_flows, TableBuilder& table);

// IPv6 packets from outside with an address of this host as their source. The kernel drops those of
// IPv4 by itself (fib_validate_source), these not; they could pass for part of a flow of the host
// with itself. Multicast is left out: the host hears its own on the interface that it went out by.
Match HasOwnIpv6Source();

// Packets that this host sends with a source that is not its own.
Match HasForeignSource();

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_SPOOFING_H_
