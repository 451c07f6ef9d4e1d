// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_UNTRACKED_ANSWERS_H_
#define FIREBREAK_POLICY_COMPILE_UNTRACKED_ANSWERS_H_

#include <vector>

#include "policy/compile/dispatch.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// Returns rules for the output hook that let out what services answer whose packets others keep
// from being tracked, as is common for port 53: no flow shows that these packets are answers. Lets
// out untracked packets from ports that mappings open; none if no profile refuses what the host
// sends.
std::vector<ruleset::Rule> LetOutUntrackedAnswers(const Subject& subject, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_UNTRACKED_ANSWERS_H_
