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
// `proxy_handshake` untracked; none if there is no such mapping. For these mappings the kernel's
// SYN proxy completes the TCP handshake before the service sees the client, so a flood of SYNs with
// forged sources costs neither memory nor the service's backlog.
//
// The kernel's proxy refuses every IPv6 segment whose checksum the device has not checked. On such
// interfaces IPv6 bypasses the proxy.
std::vector<ruleset::Rule> UntrackProxied(const Subject& subject, TableBuilder& table);

// Returns rules that let the proxy answer these SYNs. They must precede the rule that refuses
// invalid packets. None if no mapping of the profile uses the proxy.
std::vector<ruleset::Rule> AnswerProxied(const Profile& profile, const ObjectName& scope,
                                         TableBuilder& table);

// Returns rules for the output hook that must precede every rule that accepts; none if no mapping
// uses the proxy. They repair the acknowledgement by which the proxy completes its handshake with
// the service. The kernel computes the difference between the proxy's and the service's timestamps
// before it sends this acknowledgement, and adds the difference to the echoed timestamp, which is
// already the service's (ipv4_synproxy_hook in nf_synproxy_core.c). Since Linux 6.15 a service
// ignores an acknowledgement that echoes a timestamp it has not sent (tcp_check_req), and the
// connection stalls until the service repeats its SYN-ACK. An acknowledgement without a timestamp
// is accepted, and the connection goes on using timestamps.
std::vector<ruleset::Rule> MendProxied(const Subject& subject, const TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_HANDSHAKE_H_
