// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_UPLINK_CHANNEL_H_
#define FIREBREAK_AGENT_UPLINK_CHANNEL_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "agent/identity/identity.h"

namespace firebreak::agent {

// A channel to the controller with a TCP connection of its own: no other channel of this process
// shares it. TLS 1.3, the controller's name and CA verified; with the host's certificate, or
// without one if `identity` has none, as before enrolment.
std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address, const Identity& identity);

absl::Status ToAbsl(const grpc::Status& status);

// Whether the call failed because the other end closed the connection, which shows that the line is
// open. The controller closes the connections of hosts that it refuses, and of those that it has no
// room for.
bool ClosedByPeer(const absl::Status& status);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_UPLINK_CHANNEL_H_
