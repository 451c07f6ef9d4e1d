// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_RESPONSES_H_
#define FIREBREAK_POLICY_COMPILE_RESPONSES_H_

#include <vector>

#include "policy/compile/dispatch.h"
#include "policy/compile/table.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {

// Outbound mappings with `responses`: a host to which this host has opened a flow may, for a
// minute, send to some of this host's ports on its own.

// Whether a mapping of the profile has `responses`.
bool WantsResponses(const Profile& profile);

// Adds the chain that remembers the remote address of a new flow that such a mapping covers; adds
// none if there are no such mappings. It comes after the chain that filters what the host sends, so
// only addresses of flows that were let out are remembered.
void AddRememberedRemotes(const Subject& subject, TableBuilder& table);

// Returns rules that let remembered hosts send to the response ports.
std::vector<ruleset::Rule> AdmitResponses(const Profile& profile, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_RESPONSES_H_
