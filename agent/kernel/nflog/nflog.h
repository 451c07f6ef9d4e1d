// SPDX-License-Identifier: Apache-2.0
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

// Receives the packets that rules log to one NFLOG group. The kernel gathers packets and delivers
// several dozen at once, at the latest kDelay after the first.
//
// Threading: one thread at a time. Works in the network namespace in which it was opened.
class Nflog {
 public:
  static constexpr absl::Duration kDelay = absl::Milliseconds(20);
  // How many bytes the kernel buffers for a slow reader.
  static constexpr int kReceiveBufferBytes = 16 << 20;

  // AlreadyExists: another program receives from the group.
  static absl::StatusOr<Nflog> Open(uint16_t group);

  int descriptor() const { return socket_.descriptor(); }

  // Receives one datagram with some dozen packets. The packet passed to `each` is valid only during
  // the call. Unavailable: no datagram waits. DataLoss: the kernel dropped some, and more may wait.
  absl::Status Receive(const std::function<void(const LoggedPacket&)>& each);

  // The number of bytes that Receive has read. Everything that the kernel held at some moment has
  // been read once this number has grown by more than the kernel can buffer.
  uint64_t bytes_read() const { return bytes_read_; }

 private:
  explicit Nflog(NetlinkSocket socket) : socket_(std::move(socket)) {}

  absl::Status Configure(uint16_t group);

  NetlinkSocket socket_;
  uint64_t bytes_read_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFLOG_NFLOG_H_
