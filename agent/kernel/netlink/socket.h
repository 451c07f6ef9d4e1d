// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_NETLINK_SOCKET_H_
#define FIREBREAK_AGENT_KERNEL_NETLINK_SOCKET_H_

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct nlmsghdr;

namespace firebreak::agent {

// One netlink socket, in the network namespace in which it was opened.
//
// Threading: one thread at a time. Errors carry the meaning of errno but do not name the operation;
// the caller, who knows what was asked, adds that.
class NetlinkSocket {
 public:
  // `family` is NETLINK_NETFILTER, NETLINK_ROUTE, …; `groups` are the multicast groups to join.
  static absl::StatusOr<NetlinkSocket> Open(int family, std::span<const uint32_t> groups = {});

  NetlinkSocket(NetlinkSocket&& other) noexcept;
  NetlinkSocket& operator=(NetlinkSocket&& other) noexcept;
  ~NetlinkSocket();

  int descriptor() const { return descriptor_; }
  // The port number of this socket, which the kernel names as the cause of an event.
  uint32_t port() const;

  // Joins a multicast group, or leaves it.
  absl::Status Join(uint32_t group);
  void Leave(uint32_t group);

  // Sends one datagram whole. Enlarges the send buffer if the kernel says that the datagram does
  // not fit.
  absl::Status Send(std::span<const char> bytes);

  // Receives one datagram, split into messages. Each span holds a message with its header and is
  // checked to be complete. If `wait` is set, waits for a datagram; otherwise returns Unavailable
  // if there is none. DataLoss: the kernel dropped messages (ENOBUFS).
  absl::Status Receive(bool wait, const std::function<void(const nlmsghdr&)>& each);

  // Sends a request for a dump and calls `each` for every message of the answer. Aborted: the
  // dumped objects changed meanwhile, so the dump is incomplete; ask again.
  absl::Status Dump(std::span<const char> request,
                    const std::function<void(const nlmsghdr&)>& each);

 private:
  explicit NetlinkSocket(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
  std::vector<char> buffer_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NETLINK_SOCKET_H_
