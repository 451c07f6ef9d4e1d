// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_UNMATCHED_H_
#define FIREBREAK_POLICY_COMPILE_UNMATCHED_H_

#include <vector>

#include "policy/compile/match.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// What a host needs for its addresses and its groups, and conntrack cannot match with what it sent,
// as that was broadcast or multicast: DHCP of both families (RFC 2131, RFC 8415), IGMP (RFC 3376).
// No more than they need passes: what a router would carry here from afar does not.

// Remembers on which interfaces DHCP has asked; decides nothing. In front of what decides.
std::vector<ruleset::Rule> RememberDhcpQuestions(TableBuilder& table);

// Lets in answers of DHCP, broadcast ones and, where it has just asked, others; and IGMP. Remembers
// the servers.
std::vector<ruleset::Rule> AdmitUnmatched(TableBuilder& table);

// The verdict for what a mapping refuses: what a host needs in any case is let in or out by these
// rules, and the rest goes where `refuse` says.
ruleset::Verdict RefuseUnlessNeeded(const Direction& direction, const ruleset::Verdict& refuse,
                                    TableBuilder& table);

// Lets out DHCP's broadcasts and what it sends to servers that have answered; and IGMP.
std::vector<ruleset::Rule> LetOutUnmatched(TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_UNMATCHED_H_
