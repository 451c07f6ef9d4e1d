// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_ADMISSION_H_
#define FIREBREAK_POLICY_COMPILE_ADMISSION_H_

#include <cstdint>
#include <vector>

#include "policy/compile/match.h"
#include "policy/compile/table.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {

// A flow that is let in or out gets what the profile has for it when its first packet is accepted:
// how long it is remembered in silence, and a helper that reads along.

// For flows of one protocol to a range of ports.
ruleset::Verdict Admit(const Profile& profile, uint8_t protocol, uint16_t first_port,
                       uint16_t last_port, TableBuilder& table);

// For any flow: rules of which the last one accepts.
std::vector<ruleset::Rule> AdmitAny(const Profile& profile, TableBuilder& table);

// To a chain of these.
ruleset::Verdict AdmitAnyChain(const Profile& profile, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_ADMISSION_H_
