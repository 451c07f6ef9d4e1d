// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_LINKS_LINK_MESSAGES_H_
#define FIREBREAK_AGENT_KERNEL_LINKS_LINK_MESSAGES_H_

#include <cstdint>
#include <map>

#include "agent/kernel/links/links.h"

struct nlmsghdr;

namespace firebreak::agent {

// Each function adds the content of one message of a dump (RTM_NEWLINK, RTM_NEWADDR) to `links`,
// which are keyed by index. An address whose link is not in `links` is ignored.
void ReadLink(const nlmsghdr& message, std::map<uint32_t, Link>& links);
void ReadAddress(const nlmsghdr& message, std::map<uint32_t, Link>& links);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_LINKS_LINK_MESSAGES_H_
