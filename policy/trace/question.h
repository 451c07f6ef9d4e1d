// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_TRACE_QUESTION_H_
#define FIREBREAK_POLICY_TRACE_QUESTION_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "firebreak/v1/host.pb.h"
#include "policy/trace/host_state.h"
#include "policy/trace/packet.h"

namespace firebreak::policy {

// Returns the packet that a question is about, with right lengths and checksums. InvalidArgument:
// there cannot be such a packet. NotFound: the host has no such interface.
absl::StatusOr<Packet> PacketOf(const v1::TraceQuestion& question, const HostState& host);

// If the question names both interfaces, the packet is routed from one to the other: makes the host
// forward and its route lead there. NotFound: the host has no such interface.
absl::Status RouteAsAsked(const v1::TraceQuestion& question, HostState& host);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_QUESTION_H_
