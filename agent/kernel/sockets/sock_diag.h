// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_SOCKETS_SOCK_DIAG_H_
#define FIREBREAK_AGENT_KERNEL_SOCKETS_SOCK_DIAG_H_

#include <cstdint>
#include <functional>
#include <utility>

#include <linux/inet_diag.h>
#include <linux/netlink.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/kernel/netlink/socket.h"

namespace firebreak::agent {

// Asks the kernel for the sockets of this network namespace (sock_diag(7)). One thread at a time.
class SockDiag {
 public:
  static absl::StatusOr<SockDiag> Open();

  // Calls `each` for every socket of the protocol (IPPROTO_*) and the family (AF_INET, AF_INET6) in
  // one of `states`: a set of bits, 1 << N for state N of include/net/tcp_states.h. `message` holds
  // the socket's attributes behind `found`.
  //
  // Aborted: sockets came or went meanwhile, so some may be missing. NotFound: the kernel does not
  // know the protocol or the family.
  absl::Status Dump(
      uint8_t family, uint8_t protocol, uint32_t states,
      const std::function<void(const inet_diag_msg& found, const nlmsghdr& message)>& each);

 private:
  explicit SockDiag(NetlinkSocket netlink) : netlink_(std::move(netlink)) {}

  NetlinkSocket netlink_;
  uint32_t sequence_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_SOCKETS_SOCK_DIAG_H_
