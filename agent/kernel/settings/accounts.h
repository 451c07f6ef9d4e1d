// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_SETTINGS_ACCOUNTS_H_
#define FIREBREAK_AGENT_KERNEL_SETTINGS_ACCOUNTS_H_

#include <set>
#include <string>

#include "policy/compile/senders.h"

namespace firebreak::agent {

// The numbers of these users and groups, as the two files say them; names that are not in them are
// left out. Directory services are not asked: rules must not wait for a network that they are to
// let through.
policy::Senders FindAccounts(const std::set<std::string>& users,
                             const std::set<std::string>& groups,
                             const std::string& users_file = "/etc/passwd",
                             const std::string& groups_file = "/etc/group");

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_SETTINGS_ACCOUNTS_H_
