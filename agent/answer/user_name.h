// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ANSWER_USER_NAME_H_
#define FIREBREAK_AGENT_ANSWER_USER_NAME_H_

#include <sys/types.h>

#include <string>

namespace firebreak::agent {

// Returns the user's name, or the number if the host has no name for the user.
std::string UserName(uid_t user);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_USER_NAME_H_
