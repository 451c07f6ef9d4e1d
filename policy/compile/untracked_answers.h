// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_UNTRACKED_ANSWERS_H_
#define FIREBREAK_POLICY_COMPILE_UNTRACKED_ANSWERS_H_

#include <vector>

#include "policy/compile/dispatch.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// Returns rules for the output hook that let out answers to packets which others keep from being
// tracked, as is common for port 53. No flow shows that they are answers, so untracked packets from
// ports that mappings open are let out. Returns none if no profile refuses outgoing packets.
std::vector<ruleset::Rule> LetOutUntrackedAnswers(const Subject& subject, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_UNTRACKED_ANSWERS_H_
