// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_TRACE_QUESTION_H_
#define FIREBREAK_POLICY_TRACE_QUESTION_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "firebreak/v1/host.pb.h"
#include "policy/trace/host_state.h"
#include "policy/trace/packet.h"

namespace firebreak::policy {

// Returns the packet that a question is about, with correct lengths and checksums. Returns
// InvalidArgument if no such packet can exist, and NotFound if the host does not have the
// interface.
absl::StatusOr<Packet> PacketOf(const v1::TraceQuestion& question, const HostState& host);

// If the question names both interfaces, makes the host forward the packet from one to the other.
// Returns NotFound if the host does not have the interface.
absl::Status RouteAsAsked(const v1::TraceQuestion& question, HostState& host);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_QUESTION_H_
