// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_UNMATCHED_H_
#define FIREBREAK_POLICY_COMPILE_UNMATCHED_H_

#include <vector>

#include "policy/compile/match.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// Protocols that a host needs for its addresses and multicast groups, but whose answers conntrack
// cannot match because the questions were broadcast or multicast: DHCP for IPv4 and IPv6 (RFC 2131,
// RFC 8415) and IGMP (RFC 3376). The rules accept no more than these protocols need, and nothing
// that a router could carry here from another network.

// Returns rules that remember the interfaces on which DHCP has asked. They decide nothing, and must
// precede rules that decide.
std::vector<ruleset::Rule> RememberDhcpQuestions(TableBuilder& table);

// Returns rules that let in IGMP and DHCP's answers: broadcast answers always, others on interfaces
// on which DHCP has just asked. They remember the answering servers.
std::vector<ruleset::Rule> AdmitUnmatched(TableBuilder& table);

// Returns a verdict for packets that a mapping refuses: what the host needs in any case is let in
// or out by these rules, and the rest goes to `refuse`.
ruleset::Verdict RefuseUnlessNeeded(const Direction& direction, const ruleset::Verdict& refuse,
                                    TableBuilder& table);

// Returns rules that let out IGMP, DHCP's broadcasts, and DHCP to servers that have answered.
std::vector<ruleset::Rule> LetOutUnmatched(TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_UNMATCHED_H_
