// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_SOCKETS_LISTENING_SOCKETS_H_
#define FIREBREAK_AGENT_KERNEL_SOCKETS_LISTENING_SOCKETS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace firebreak::agent {

// A socket that waits for peers: a listening TCP or SCTP socket, or a UDP socket that is bound to a
// port and not connected.
struct ListeningSocket {
  uint8_t protocol = 0;  // IPPROTO_*
  std::string address;   // 4 or 16 bytes, network order; zeros: any
  uint16_t port = 0;
  uint32_t interface_index = 0;  // 0: not bound to an interface
  uint32_t user = 0;
  uint32_t inode = 0;      // as in /proc/PID/fd
  bool ipv6_only = false;  // for IPv6 sockets: does not accept IPv4 peers

  friend bool operator==(const ListeningSocket&, const ListeningSocket&) = default;
};

// Reads all such sockets of the network namespace through sock_diag(7), sorted by protocol, port
// and address. Protocols that the kernel lacks are left out. Any thread may call this.
absl::StatusOr<std::vector<ListeningSocket>> ReadListeningSockets();

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_SOCKETS_LISTENING_SOCKETS_H_
