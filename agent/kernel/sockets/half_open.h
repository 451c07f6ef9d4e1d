// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_SOCKETS_HALF_OPEN_H_
#define FIREBREAK_AGENT_KERNEL_SOCKETS_HALF_OPEN_H_

#include <cstdint>

#include "absl/status/statusor.h"

namespace firebreak::agent {

// TCP connections of the network namespace whose SYN was answered and whose ACK has not come.
struct HalfOpen {
  uint64_t connections = 0;
  uint64_t retried = 0;  // of these, whose SYN-ACK was sent again
};

// Through sock_diag(7), IPv4 and IPv6. The kernel walks its table of connections, which takes it
// about a millisecond when the table is empty. Any thread.
absl::StatusOr<HalfOpen> CountHalfOpen();

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_SOCKETS_HALF_OPEN_H_
