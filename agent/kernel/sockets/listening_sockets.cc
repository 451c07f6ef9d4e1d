// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/sockets/listening_sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <span>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "agent/kernel/netlink/attributes.h"
#include "agent/kernel/sockets/sock_diag.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

// From include/net/tcp_states.h, which user space does not get.
constexpr uint32_t kClose = 1u << 7;
constexpr uint32_t kListen = 1u << 10;

void Read(const inet_diag_msg& found, const nlmsghdr& message, uint8_t protocol,
          std::vector<ListeningSocket>& sockets) {
  if (found.idiag_family != AF_INET && found.idiag_family != AF_INET6) return;
  ListeningSocket socket;
  socket.protocol = protocol;
  socket.address.assign(reinterpret_cast<const char*>(found.id.idiag_src),
                        found.idiag_family == AF_INET ? 4 : 16);
  socket.port = ntohs(found.id.idiag_sport);
  socket.interface_index = found.id.idiag_if;
  socket.user = found.idiag_uid;
  socket.inode = found.idiag_inode;
  ForEachAttribute(AttributesOf(message, sizeof found), [&](int type, std::span<const char> value) {
    if (type == INET_DIAG_SKV6ONLY && !value.empty()) socket.ipv6_only = value[0] != 0;
    return true;
  });
  if (socket.port != 0) sockets.push_back(std::move(socket));
}

}  // namespace

absl::StatusOr<std::vector<ListeningSocket>> ReadListeningSockets() {
  ASSIGN_OR_RETURN(SockDiag diag, SockDiag::Open());
  std::vector<ListeningSocket> sockets;
  for (const uint8_t protocol : {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE, IPPROTO_SCTP}) {
    const bool connects = protocol == IPPROTO_TCP || protocol == IPPROTO_SCTP;
    for (const uint8_t family : {AF_INET, AF_INET6}) {
      const absl::Status status =
          diag.Dump(family, protocol, connects ? kListen : kClose,
                    [&](const inet_diag_msg& found, const nlmsghdr& message) {
                      Read(found, message, protocol, sockets);
                    });
      // Sockets come and go all the time, and some kernels lack some of the protocols.
      const bool fine = status.ok() || absl::IsAborted(status) || absl::IsNotFound(status);
      const bool basic = protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
      if (!fine && basic && family == AF_INET) {
        return absl::Status(status.code(),
                            absl::StrCat("read the listening sockets: ", status.message()));
      }
    }
  }
  std::sort(sockets.begin(), sockets.end(), [](const auto& a, const auto& b) {
    return std::tie(a.protocol, a.port, a.address, a.inode) <
           std::tie(b.protocol, b.port, b.address, b.inode);
  });
  return sockets;
}

}  // namespace firebreak::agent
