// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_RESPONSES_H_
#define FIREBREAK_POLICY_COMPILE_RESPONSES_H_

#include <vector>

#include "policy/compile/dispatch.h"
#include "policy/compile/table.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {

// Outbound mappings with `responses`: whom the host has opened a flow to may send to some of its
// ports, for a minute, of its own accord.

// Whether any of the profile's mappings is one.
bool WantsResponses(const Profile& profile);

// Adds the chain that remembers the remote address of a new flow that such a mapping covers. It
// hangs behind the chain that judges what the host sends, so that no address is remembered to which
// nothing was let out. None if there are no such mappings.
void AddRememberedRemotes(const Subject& subject, TableBuilder& table);

// Lets in what a remembered one sends to the ports of the responses.
std::vector<ruleset::Rule> AdmitResponses(const Profile& profile, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_RESPONSES_H_
