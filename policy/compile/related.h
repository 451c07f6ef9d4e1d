// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_RELATED_H_
#define FIREBREAK_POLICY_COMPILE_RELATED_H_

#include "policy/compile/match.h"
#include "policy/compile/port_span.h"
#include "policy/compile/table.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {

// Returns a rule that jumps to a chain for packets that conntrack relates to a flow. The chain
// accepts ICMP errors, and announced flows to ports that a program on the other end could mean.
// Other packets return and are judged like any new flow, because the peer of a helper may announce
// any port, even that of a closed service.
//
// `client_ports` are the ports at which a client on this host listens for what it has asked for. If
// the profile opens the port of a helper's own protocol, a server on this host announces ports of
// its own choice, from 1024 on. The ports that a private host behind this one announces are unknown
// too.
ruleset::Rule RelatedInbound(const Profile& profile, const PortSpan& client_ports,
                             TableBuilder& table);
ruleset::Rule RelatedForPrivate(const Profile& profile, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_RELATED_H_
