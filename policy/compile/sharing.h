// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_SHARING_H_
#define FIREBREAK_POLICY_COMPILE_SHARING_H_

#include <vector>

#include "policy/compile/dispatch.h"
#include "policy/compile/match.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// Sharing of public interfaces with the networks of private ones.

bool Shares(const Subject& subject);

// The sets of its interfaces, the chain that judges what private hosts send to the public ones, the
// one that translates it and, if asked for, the one that lowers segment sizes; nothing without
// sharing.
void AddSharing(const Subject& subject, TableBuilder& table);

// Where there is sharing: the packet has come in by a private interface, or goes out by one.
Match FromPrivate();
Match ToPrivate();

// Rules of the forward chain that lead what private hosts may send by themselves to the chain that
// judges it. Call it after AddSharing.
std::vector<ruleset::Rule> SendFromPrivate(const Subject& subject, TableBuilder& table);

// Refuses what a private host cannot have sent, and multicast, which is not sent on.
std::vector<ruleset::Rule> CheckSentByPrivate(bool observe, TableBuilder& table);

// At the hook where destinations change: what a private host sends to a public interface's address
// goes where it would go if it came from outside ("hairpin"). With several public interfaces the
// mappings of the first that has one for it decide.
std::vector<ruleset::Rule> ForwardForPrivate(const Subject& subject, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_SHARING_H_
