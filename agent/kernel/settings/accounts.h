// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_SETTINGS_ACCOUNTS_H_
#define FIREBREAK_AGENT_KERNEL_SETTINGS_ACCOUNTS_H_

#include <set>
#include <string>

#include "policy/compile/senders.h"

namespace firebreak::agent {

// Looks up the numbers of these users and groups in the two files. Names that the files do not have
// are left out. Directory services are not asked, because rules must not wait for a network that
// the rules themselves must first permit.
policy::Senders FindAccounts(const std::set<std::string>& users,
                             const std::set<std::string>& groups,
                             const std::string& users_file = "/etc/passwd",
                             const std::string& groups_file = "/etc/group");

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_SETTINGS_ACCOUNTS_H_
