// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/netlink/socket.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/status/status.h"

namespace firebreak::agent {
namespace {

// The largest datagram of a dump is 32 KiB; replies to a batch repeat no payload (NETLINK_CAP_ACK).
constexpr size_t kReceiveBytes = 64 << 10;
// Leaves room for the errors of a large batch, and for events while the agent is busy.
constexpr int kReceiveBufferBytes = 4 << 20;
constexpr int kMaxErrno = 4095;  // include/linux/err.h

absl::Status Errno(const char* call) { return absl::ErrnoToStatus(errno, call); }

bool Fits(const nlmsghdr& header, size_t length) {
  return length >= sizeof(nlmsghdr) && header.nlmsg_len >= sizeof(nlmsghdr) &&
         header.nlmsg_len <= length;
}

}  // namespace

absl::StatusOr<NetlinkSocket> NetlinkSocket::Open(int family, std::span<const uint32_t> groups) {
  NetlinkSocket result(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, family));
  if (result.descriptor_ < 0) return Errno("open a netlink socket");
  const int fd = result.descriptor_;
  const int on = 1;
  // Not checked: without extended ACKs, errors only lack their explanation.
  setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBufferBytes, sizeof kReceiveBufferBytes);
  sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Errno("bind a netlink socket");
  }
  for (uint32_t group : groups) {
    RETURN_IF_ERROR(result.Join(group));
  }
  return result;
}

absl::Status NetlinkSocket::Join(uint32_t group) {
  if (setsockopt(descriptor_, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0) {
    return Errno("join a netlink group");
  }
  return absl::OkStatus();
}

void NetlinkSocket::Leave(uint32_t group) {
  setsockopt(descriptor_, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, &group, sizeof group);
}

NetlinkSocket::NetlinkSocket(NetlinkSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), buffer_(std::move(other.buffer_)) {}

NetlinkSocket& NetlinkSocket::operator=(NetlinkSocket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(buffer_, other.buffer_);
  return *this;
}

NetlinkSocket::~NetlinkSocket() {
  if (descriptor_ >= 0) close(descriptor_);
}

uint32_t NetlinkSocket::port() const {
  sockaddr_nl address = {};
  socklen_t length = sizeof address;
  getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &length);
  return address.nl_pid;
}

absl::Status NetlinkSocket::Send(std::span<const char> bytes) {
  sockaddr_nl kernel = {};
  kernel.nl_family = AF_NETLINK;
  for (bool grown = false;; grown = true) {
    const ssize_t sent = sendto(descriptor_, bytes.data(), bytes.size(), 0,
                                reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel);
    if (sent == static_cast<ssize_t>(bytes.size())) return absl::OkStatus();
    if (sent < 0 && errno == EINTR) continue;
    if (sent >= 0 || errno != EMSGSIZE || grown) return Errno("send to netlink");
    const int wanted = static_cast<int>(std::min<size_t>(bytes.size() + 4096, INT32_MAX / 2));
    if (setsockopt(descriptor_, SOL_SOCKET, SO_SNDBUFFORCE, &wanted, sizeof wanted) != 0) {
      return Errno("grow the netlink send buffer");
    }
  }
}

absl::Status NetlinkSocket::Receive(bool wait, const std::function<void(const nlmsghdr&)>& each) {
  buffer_.resize(kReceiveBytes);
  ssize_t received;
  sockaddr_nl from = {};
  do {
    iovec part = {buffer_.data(), buffer_.size()};
    msghdr message = {};
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    received = recvmsg(descriptor_, &message, wait ? 0 : MSG_DONTWAIT);
    if (received >= 0 && (message.msg_flags & MSG_TRUNC) != 0) {
      return absl::DataLossError("a netlink datagram is larger than any should be");
    }
    // Any process may send to a netlink socket; only messages from port 0 are the kernel's.
  } while ((received < 0 && errno == EINTR) || (received >= 0 && from.nl_pid != 0));
  if (received < 0) {
    if (errno == EAGAIN) return absl::UnavailableError("no netlink message is waiting");
    if (errno == ENOBUFS) return absl::DataLossError("the kernel dropped netlink messages");
    return Errno("receive from netlink");
  }
  size_t left = static_cast<size_t>(received);
  const char* at = buffer_.data();
  while (left > 0) {
    const auto& header = *reinterpret_cast<const nlmsghdr*>(at);
    if (!Fits(header, left)) return absl::DataLossError("a netlink message is cut short");
    each(header);
    const size_t step = std::min<size_t>(NLMSG_ALIGN(header.nlmsg_len), left);
    at += step;
    left -= step;
  }
  return absl::OkStatus();
}

absl::Status NetlinkSocket::Dump(std::span<const char> request,
                                 const std::function<void(const nlmsghdr&)>& each) {
  RETURN_IF_ERROR(Send(request));
  const uint32_t sequence = reinterpret_cast<const nlmsghdr*>(request.data())->nlmsg_seq;
  std::optional<absl::Status> end;
  bool interrupted = false;
  while (!end.has_value()) {
    absl::Status status = Receive(/*wait=*/true, [&](const nlmsghdr& message) {
      if (message.nlmsg_seq != sequence || end.has_value()) return;
      if ((message.nlmsg_flags & NLM_F_DUMP_INTR) != 0) interrupted = true;
      int error = 0;
      switch (message.nlmsg_type) {
        case NLMSG_ERROR:
        case NLMSG_DONE:
          if (message.nlmsg_len >= NLMSG_LENGTH(sizeof error)) {
            memcpy(&error, NLMSG_DATA(&message), sizeof error);
          }
          if (error > 0 || error < -kMaxErrno) error = -EIO;
          end = error == 0 ? absl::OkStatus() : absl::ErrnoToStatus(-error, "dump");
          break;
        default: each(message);
      }
    });
    if (!status.ok()) return status;
  }
  if (end->ok() && interrupted) return absl::AbortedError("changed while it was dumped");
  return *end;
}

}  // namespace firebreak::agent
