// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_HARDENING_H_
#define FIREBREAK_POLICY_COMPILE_HARDENING_H_

#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "policy/compile/table.h"
#include "policy/ruleset/ruleset.h"

namespace firebreak::policy {

// What hardening of the TCP/IP stack is as rules: what no setting of the kernel does, and what a
// setting does only after others have looked at the packet. It holds for the whole host, whatever
// mode an interface's firewall has.

// For the hook in front of connection tracking: source routes, requests for an address mask,
// releases of NetBIOS names.
std::vector<ruleset::Rule> HardenPrerouting(const v1::EffectivePolicy& policy,
                                            const v1::Hardened& host, TableBuilder& table);
// For what the host sends, in front of the rule that lets answers out: address masks.
std::vector<ruleset::Rule> HardenOutput(const v1::Hardened& host, TableBuilder& table);
// A chain of its own for multicast that would be forwarded.
void AddHardenedForward(const v1::Hardened& host, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_HARDENING_H_
