// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_SPOOFING_H_
#define FIREBREAK_POLICY_COMPILE_SPOOFING_H_

#include "policy/compile/match.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// Returns a rule that jumps to a chain for incoming packets, which refuses impossible sources and
// returns any other packet. Impossible are addresses of this host, and addresses that no host sends
// from (RFC 6890): this network, loopback, multicast, broadcast, and IPv4 addresses in the form of
// IPv6. Packets of hosts that have no address yet return. So does 240.0.0.0/4: the range is
// reserved, but Linux sends from it, and some networks use it.
ruleset::Rule CheckSourceInbound(bool observe, TableBuilder& table);

// Like CheckSourceInbound, but for packets that this host sends: impossible is every source except
// an address of this host. Packets sent before the host has an address return. 127.0.0.0/8 and ::1
// are refused, because they never leave the host; in a table that knows flows, they return for
// flows that address translation forwards and that leave with another source.
ruleset::Rule CheckSourceOutbound(bool observe, bool knows_flows, TableBuilder& table);

// Matches IPv6 packets from outside that have an address of this host as their source. The kernel
// drops such packets itself for IPv4 (fib_validate_source) but not for IPv6, where they could pass
// for part of a flow of the host with itself. Multicast is left out, because the host hears its own
// multicasts on the interface by which they left.
Match HasOwnIpv6Source();

// Matches packets that this host sends with a source that is not its own.
Match HasForeignSource();

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_SPOOFING_H_
