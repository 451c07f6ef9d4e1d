// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_SWITCH_SWITCH_QUESTION_H_
#define FIREBREAK_AGENT_SWITCH_SWITCH_QUESTION_H_

#include <string>
#include <vector>

#include "firebreak/v1/location.pb.h"
#include "firebreak/v1/state.pb.h"

namespace firebreak::agent {

// The lines that ask a person at a terminal whether a switch is meant: what it is and what it makes
// vulnerable, who asks with which program, and how the interfaces concerned stand now. Printable
// ASCII, of a length that no caller can choose. Pure.
std::string SwitchQuestion(const v1::LocalSwitch& wanted,
                           const std::vector<v1::InterfaceState>& concerned);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_SWITCH_SWITCH_QUESTION_H_
