// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_HARDENING_H_
#define FIREBREAK_POLICY_COMPILE_HARDENING_H_

#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "policy/compile/table.h"
#include "policy/ruleset/ruleset.h"

namespace firebreak::policy {

// Rules for hardening of the TCP/IP stack: where the kernel has no setting, or where its setting
// takes effect only after other code has looked at the packet. They hold for the whole host,
// whatever an interface's firewall mode is.

// Returns rules for the hook in front of connection tracking, against source routes, address mask
// requests and NetBIOS name releases.
std::vector<ruleset::Rule> HardenPrerouting(const v1::EffectivePolicy& policy,
                                            const v1::Hardened& host, TableBuilder& table);
// Returns rules for packets that the host sends, against address mask replies. They must precede
// the rule that lets answers out.
std::vector<ruleset::Rule> HardenOutput(const v1::Hardened& host, TableBuilder& table);
// Adds a chain that refuses to forward multicast.
void AddHardenedForward(const v1::Hardened& host, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_HARDENING_H_
