// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_ICMP_H_
#define FIREBREAK_POLICY_COMPILE_ICMP_H_

#include <set>
#include <vector>

#include "policy/compile/match.h"
#include "policy/compile/object_name.h"
#include "policy/compile/table.h"
#include "policy/merge/profile.h"
#include "policy/resources/icmp_options.h"

namespace firebreak::policy {

// What IPv6 needs to live, whatever a policy says: neighbour discovery, router advertisements,
// multicast listener discovery, packet too big (RFC 4890, 4.4.1).
ruleset::Rule EssentialIcmpv6(const Direction& direction, TableBuilder& table);

// Incoming ICMP that belongs to a flow passes, but for redirects, if they are not allowed. Refuses
// these.
std::vector<ruleset::Rule> RelatedIcmpInbound(const std::set<IcmpOption>& allowed, bool observe,
                                              TableBuilder& table);

// Refuses what conntrack takes for invalid, but for messages that an option or a mapping may let in
// and that neither begin a flow nor are answered, so that conntrack knows nothing to do with them.
ruleset::Rule RefuseInvalid(const Profile& profile, const ObjectName& scope, TableBuilder& table);

// Accepts the requests, and for IPv6 the redirects, that the options let in.
std::vector<ruleset::Rule> IcmpRequests(const std::set<IcmpOption>& allowed);

// Leads errors and redirects to a chain that refuses those that the options do not let out.
// "Fragmentation needed", which
// path MTU discovery (RFC 1191) rests on, always passes, and so does what tells the sender of a
// packet that a rule rejects it.
std::vector<ruleset::Rule> IcmpErrorsOutbound(const std::set<IcmpOption>& allowed, bool observe,
                                              TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_ICMP_H_
