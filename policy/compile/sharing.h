#ifndef FIREBREAK_POLICY_COMPILE_SHARING_H_
#define FIREBREAK_POLICY_COMPILE_SHARING_H_

#include <vector>

#include "policy/compile/dispatch.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// Sharing of a public interface with the networks of private ones.

// The chains that judge and translate what goes between them; nothing without sharing.
void AddSharing(const Subject& subject, TableBuilder& table);

// The chain of the hook for what this host forwards, behind AddSharing; nothing if it forwards
// nothing, or only what it would forward anyway.
void AddForwardChain(const Subject& subject, const Router& router, TableBuilder& table);

// At the hook where destinations change: what a private host sends to the public interface's
// address goes where it would go if it came from outside ("hairpin").
std::vector<ruleset::Rule> ForwardForPrivate(const Subject& subject, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_SHARING_H_
