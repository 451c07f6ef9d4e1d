// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_SOCKETS_ESTABLISHED_SOCKETS_H_
#define FIREBREAK_AGENT_KERNEL_SOCKETS_ESTABLISHED_SOCKETS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace firebreak::agent {

// A TCP socket with an established connection.
struct EstablishedSocket {
  std::string local;  // 4 or 16 bytes, network order; 4 for IPv4 over an IPv6 socket
  std::string remote;
  uint16_t local_port = 0;
  uint16_t remote_port = 0;

  friend bool operator==(const EstablishedSocket&, const EstablishedSocket&) = default;
};

// Reads all established sockets of the network namespace through sock_diag(7), in no particular
// order, at most `most`. Any thread may call this.
absl::StatusOr<std::vector<EstablishedSocket>> ReadEstablishedSockets(size_t most);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_SOCKETS_ESTABLISHED_SOCKETS_H_
