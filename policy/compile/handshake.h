// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_HANDSHAKE_H_
#define FIREBREAK_POLICY_COMPILE_HANDSHAKE_H_

#include <string>
#include <vector>

#include "policy/compile/dispatch.h"
#include "policy/compile/object_name.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// Returns rules for the hook in front of connection tracking that keep SYNs to mappings with
// `proxy_handshake` untracked; none if no mapping wants that. For such mappings the kernel
// completes the TCP handshake before the service sees anything (SYN proxy), so that a flood of SYNs
// with forged sources costs neither memory nor the service's backlog.
//
// The proxy of the kernel refuses every IPv6 segment whose sum the device has not checked. Where a
// device checks none, IPv6 goes to the service without the proxy.
std::vector<ruleset::Rule> UntrackProxied(const Subject& subject, TableBuilder& table);

// Returns rules that answer these handshakes, for a place in front of the rule that refuses invalid
// packets; none if no mapping of the profile wants that.
std::vector<ruleset::Rule> AnswerProxied(const Profile& profile, const ObjectName& scope,
                                         TableBuilder& table);

// Returns rules for the hook of what the host sends, in front of whatever lets packets out; none if
// no mapping wants a proxy. They mend the acknowledgement by which the proxy completes its
// handshake with the service. The kernel calculates the difference between the timestamps of the
// proxy and of the service before it sends this acknowledgement, and adds it to the echoed
// timestamp, which is the service's already (ipv4_synproxy_hook in nf_synproxy_core.c). Since
// Linux 6.15 a service takes no acknowledgement that echoes what it has not sent (tcp_check_req),
// and the connection waits until the service repeats its SYN-ACK. An acknowledgement without a
// timestamp is taken, and timestamps stay in use on the connection.
std::vector<ruleset::Rule> MendProxied(const Subject& subject, const TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_HANDSHAKE_H_
