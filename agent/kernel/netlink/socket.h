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
// Threading: one thread at a time. Errors carry errno's meaning and no operation; the caller, who
// knows what it asked for, adds it.
class NetlinkSocket {
 public:
  // `family` is NETLINK_NETFILTER, NETLINK_ROUTE, …; `groups` those to hear multicasts of.
  static absl::StatusOr<NetlinkSocket> Open(int family, std::span<const uint32_t> groups = {});

  NetlinkSocket(NetlinkSocket&& other) noexcept;
  NetlinkSocket& operator=(NetlinkSocket&& other) noexcept;
  ~NetlinkSocket();

  int descriptor() const { return descriptor_; }
  // The address of this socket's end: what the kernel names as the cause of an event.
  uint32_t port() const;

  // Hears a group's multicasts, or no longer does.
  absl::Status Join(uint32_t group);
  void Leave(uint32_t group);

  // One datagram, whole. Grows the send buffer when the kernel says that it does not fit.
  absl::Status Send(std::span<const char> bytes);

  // One datagram, split into messages; the span of each holds its header and is checked to be
  // complete. Waits for it if `wait`; else DataLoss never, Unavailable if there is none.
  // DataLoss: the kernel had to drop messages (ENOBUFS).
  absl::Status Receive(bool wait, const std::function<void(const nlmsghdr&)>& each);

  // Sends a request for a dump and calls `each` for every message of the answer.
  // Aborted: what is dumped changed meanwhile, so the dump has holes; ask again.
  absl::Status Dump(std::span<const char> request,
                    const std::function<void(const nlmsghdr&)>& each);

 private:
  explicit NetlinkSocket(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
  std::vector<char> buffer_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NETLINK_SOCKET_H_
