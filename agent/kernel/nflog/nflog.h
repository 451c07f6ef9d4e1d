#ifndef FIREBREAK_AGENT_KERNEL_NFLOG_NFLOG_H_
#define FIREBREAK_AGENT_KERNEL_NFLOG_NFLOG_H_

#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/kernel/netlink/socket.h"
#include "agent/kernel/nflog/message.h"

namespace firebreak::agent {

// Hears what rules log to one NFLOG group. The kernel gathers packets and hands them over by the
// dozen, at the latest kDelay after the first.
//
// Threading: one thread at a time. Works in the network namespace in which it was opened.
class Nflog {
 public:
  static constexpr absl::Duration kDelay = absl::Milliseconds(20);
  // What the kernel holds for a reader that is behind.
  static constexpr int kReceiveBufferBytes = 16 << 20;

  // AlreadyExists: another program listens to the group.
  static absl::StatusOr<Nflog> Open(uint16_t group);

  int descriptor() const { return socket_.descriptor(); }

  // One datagram, some dozen packets; what `each` is given lives as long as the call. Unavailable:
  // there is none. DataLoss: the kernel had to drop some, and there may be more to read.
  absl::Status Receive(const std::function<void(const LoggedPacket&)>& each);

  // How many bytes Receive has read: what the kernel held before a given moment has been read once
  // this has grown by more than it can hold.
  uint64_t bytes_read() const { return bytes_read_; }

 private:
  explicit Nflog(NetlinkSocket socket) : socket_(std::move(socket)) {}

  absl::Status Configure(uint16_t group);

  NetlinkSocket socket_;
  uint64_t bytes_read_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFLOG_NFLOG_H_
