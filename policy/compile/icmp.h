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

// Returns the rule that accepts the ICMP without which IPv6 cannot work, whatever a policy says:
// neighbour discovery, router advertisements, multicast listener discovery, packet too big (RFC
// 4890, 4.4.1).
ruleset::Rule EssentialIcmpv6(const Direction& direction, TableBuilder& table);

// Returns rules that accept incoming ICMP about a flow, but refuse redirects unless they are
// allowed.
std::vector<ruleset::Rule> RelatedIcmpInbound(const std::set<IcmpOption>& allowed, bool observe,
                                              TableBuilder& table);

// Refuses packets that conntrack calls invalid, except ICMP messages that an option or a mapping
// lets in. Conntrack calls these invalid because they neither begin a flow nor get an answer.
ruleset::Rule RefuseInvalid(const Profile& profile, const ObjectName& scope, TableBuilder& table);

// Returns rules that accept the requests that the options let in, and IPv6's redirects.
std::vector<ruleset::Rule> IcmpRequests(const std::set<IcmpOption>& allowed);

// Returns rules that lead ICMP errors and redirects to a chain, which refuses those that the
// options do not let out. "Fragmentation needed" always passes, because path MTU discovery (RFC
// 1191) needs it, and so do errors that tell a sender that a rule has rejected its packet.
std::vector<ruleset::Rule> IcmpErrorsOutbound(const std::set<IcmpOption>& allowed, bool observe,
                                              TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_ICMP_H_
