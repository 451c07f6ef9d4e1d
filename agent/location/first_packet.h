// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOCATION_FIRST_PACKET_H_
#define FIREBREAK_AGENT_LOCATION_FIRST_PACKET_H_

#include "agent/kernel/conntrack/flow.h"
#include "policy/trace/packet.h"

namespace firebreak::agent {

// Returns the packet that would begin the flow today; for TCP it is a lone SYN. Its devices are not
// set and its checksums are not computed.
policy::Packet FirstPacket(const Flow& flow);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_FIRST_PACKET_H_
