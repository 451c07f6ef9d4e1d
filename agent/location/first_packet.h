#ifndef FIREBREAK_AGENT_LOCATION_FIRST_PACKET_H_
#define FIREBREAK_AGENT_LOCATION_FIRST_PACKET_H_

#include "agent/kernel/conntrack/flow.h"
#include "policy/trace/packet.h"

namespace firebreak::agent {

// The packet that would begin the flow today: of TCP a lone SYN. Without devices; its checksums are
// not computed.
policy::Packet FirstPacket(const Flow& flow);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_FIRST_PACKET_H_
