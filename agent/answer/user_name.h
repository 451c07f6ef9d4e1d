#ifndef FIREBREAK_AGENT_ANSWER_USER_NAME_H_
#define FIREBREAK_AGENT_ANSWER_USER_NAME_H_

#include <sys/types.h>

#include <string>

namespace firebreak::agent {

// The user's name, or the number if the host has none for it.
std::string UserName(uid_t user);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_USER_NAME_H_
