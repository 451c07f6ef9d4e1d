// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_TRACE_TCP_STATES_H_
#define FIREBREAK_POLICY_TRACE_TCP_STATES_H_

#include <cstdint>
#include <optional>

#include "policy/trace/flow.h"

namespace firebreak::policy {

// What conntrack does with a segment with these flags (nf_conntrack_proto_tcp.c).
enum class TcpStep {
  kAccept,
  kInvalid,
  kReopen,  // the flow is over, and a new one begins with this segment
};

// Whether a correct sender may set these flags together; PSH and the bits of ECN do not matter.
bool AreTcpFlagsValid(uint8_t flags);

// Whether a segment may begin a flow. With `loose`, a segment from the midst of a connection may.
bool MayBeginTcp(uint8_t flags, bool loose);

TcpStep StepTcp(const Flow& flow, uint8_t direction, uint8_t flags);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_TCP_STATES_H_
