#ifndef FIREBREAK_AGENT_KERNEL_SOCKETS_LISTENING_SOCKETS_H_
#define FIREBREAK_AGENT_KERNEL_SOCKETS_LISTENING_SOCKETS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace firebreak::agent {

// A socket that waits for peers: a listening one of TCP or SCTP, or one of UDP that is bound to a
// port and connected to nobody.
struct ListeningSocket {
  uint8_t protocol = 0;  // IPPROTO_*
  std::string address;   // 4 or 16 bytes, network order; zeros: any
  uint16_t port = 0;
  uint32_t interface_index = 0;  // 0: not bound to one
  uint32_t user = 0;
  uint32_t inode = 0;      // as in /proc/PID/fd
  bool ipv6_only = false;  // of an IPv6 one: it takes no IPv4 peers

  friend bool operator==(const ListeningSocket&, const ListeningSocket&) = default;
};

// All of the network namespace, through sock_diag(7), by protocol, port and address. Protocols that
// the kernel does not have are left out. Any thread.
absl::StatusOr<std::vector<ListeningSocket>> ReadListeningSockets();

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_SOCKETS_LISTENING_SOCKETS_H_
