#ifndef FIREBREAK_POLICY_COMPILE_RELATED_H_
#define FIREBREAK_POLICY_COMPILE_RELATED_H_

#include "policy/compile/match.h"
#include "policy/compile/port_span.h"
#include "policy/compile/table.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {

// A rule that jumps to a chain for what conntrack says is about a flow, or was announced by one: it
// lets in ICMP errors, and announced flows to ports that a program on the other end could mean. The
// rest returns and is judged like any new flow, as whoever speaks to a helper may announce any
// port, one that a service has and that is shut among them.
//
// `client_ports` are where a client of this host listens for what it has asked for. Where the
// profile opens the port of a helper's own protocol, a server here announces ports of its own
// choice, from 1024 on. What a private host behind this one announces is not known either.
ruleset::Rule RelatedInbound(const Profile& profile, const PortSpan& client_ports,
                             TableBuilder& table);
ruleset::Rule RelatedForPrivate(const Profile& profile, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_RELATED_H_
