// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_CONFLICTS_OTHERS_FORWARD_H_
#define FIREBREAK_AGENT_CONFLICTS_OTHERS_FORWARD_H_

#include <cstdint>

namespace firebreak::agent {

// Whether another program of this host seems to rely on its forwarding packets of the family
// (NFPROTO_IPV4, NFPROTO_IPV6): it translates addresses, or decides about what is forwarded, as
// container engines, virtual networks and other firewalls of routers do. True if that cannot be
// told. In the network namespace of the calling thread.
bool OthersForward(uint8_t family);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_CONFLICTS_OTHERS_FORWARD_H_
