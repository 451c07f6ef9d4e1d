// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_ADMISSION_H_
#define FIREBREAK_POLICY_COMPILE_ADMISSION_H_

#include <cstdint>
#include <vector>

#include "policy/compile/match.h"
#include "policy/compile/table.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {

// Verdicts that accept the first packet of a flow and attach to the flow what the profile has for
// it: how long it is remembered without packets, and a helper that reads its contents.

// Returns a verdict for flows of one protocol to a range of ports.
ruleset::Verdict Admit(const Profile& profile, uint8_t protocol, uint16_t first_port,
                       uint16_t last_port, TableBuilder& table);

// Returns rules for any flow; the last rule accepts.
std::vector<ruleset::Rule> AdmitAny(const Profile& profile, TableBuilder& table);

// Returns a verdict that leads to a chain of the AdmitAny rules.
ruleset::Verdict AdmitAnyChain(const Profile& profile, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_ADMISSION_H_
