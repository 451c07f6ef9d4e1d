#ifndef FIREBREAK_AGENT_KERNEL_LINKS_LINK_MESSAGES_H_
#define FIREBREAK_AGENT_KERNEL_LINKS_LINK_MESSAGES_H_

#include <cstdint>
#include <map>

#include "agent/kernel/links/links.h"

struct nlmsghdr;

namespace firebreak::agent {

// Each adds what a message of a dump says, RTM_NEWLINK or RTM_NEWADDR, to the links by their index;
// an address of a link that is not there is left out.
void ReadLink(const nlmsghdr& message, std::map<uint32_t, Link>& links);
void ReadAddress(const nlmsghdr& message, std::map<uint32_t, Link>& links);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_LINKS_LINK_MESSAGES_H_
