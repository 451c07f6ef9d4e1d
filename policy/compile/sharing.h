// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_SHARING_H_
#define FIREBREAK_POLICY_COMPILE_SHARING_H_

#include <vector>

#include "policy/compile/dispatch.h"
#include "policy/compile/match.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// Shares public interfaces with the networks behind private ones.

bool Shares(const Subject& subject);

// Adds the sets of interfaces, the chain that judges what private hosts send through public
// interfaces, the chain that masquerades it and, if the policy wants it, the chain that lowers
// segment sizes. Adds nothing if nothing is shared.
void AddSharing(const Subject& subject, TableBuilder& table);

// Only where something is shared: the packet came in by a private interface, or leaves by one.
Match FromPrivate();
Match ToPrivate();

// Return rules of the forward chain that lead packets of private hosts to the chain that judges
// them: packets to their own network and redirected ones, and packets to the public interfaces.
// Call them after AddSharing.
std::vector<ruleset::Rule> SendBackToPrivate(const Subject& subject);
std::vector<ruleset::Rule> SendToPublic(const Subject& subject, TableBuilder& table);

// Returns rules that refuse impossible sources of private hosts, and multicast, which is not
// forwarded.
std::vector<ruleset::Rule> CheckSentByPrivate(bool observe, TableBuilder& table);

// Returns rules for the hook at which destinations change. A packet from a private host to a public
// interface's address goes where it would go if it came from outside ("hairpin"). With several
// public interfaces, the first with a mapping for the packet decides.
std::vector<ruleset::Rule> ForwardForPrivate(const Subject& subject, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_SHARING_H_
