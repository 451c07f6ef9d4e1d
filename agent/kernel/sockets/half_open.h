// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_SOCKETS_HALF_OPEN_H_
#define FIREBREAK_AGENT_KERNEL_SOCKETS_HALF_OPEN_H_

#include <cstdint>

#include "absl/status/statusor.h"

namespace firebreak::agent {

// Counts of the TCP connections in the network namespace whose SYN was answered and whose ACK has
// not arrived.
struct HalfOpen {
  uint64_t connections = 0;
  uint64_t retried = 0;  // of these, those whose SYN-ACK was repeated
};

// Counts through sock_diag(7), for IPv4 and IPv6. The kernel walks its table of connections, which
// takes about a millisecond when the table is empty. Any thread may call this.
absl::StatusOr<HalfOpen> CountHalfOpen();

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_SOCKETS_HALF_OPEN_H_
