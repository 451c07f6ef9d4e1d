// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/sockets/listening_sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include <algorithm>
#include <span>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "agent/kernel/netlink/attributes.h"
#include "agent/kernel/netlink/socket.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

// From include/net/tcp_states.h, which user space does not get.
constexpr uint32_t kClose = 1u << 7;
constexpr uint32_t kListen = 1u << 10;

struct Request {
  nlmsghdr header;
  inet_diag_req_v2 diag;
};

void Read(const nlmsghdr& message, uint8_t protocol, std::vector<ListeningSocket>& sockets) {
  if (message.nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg))) return;
  inet_diag_msg found;
  memcpy(&found, NLMSG_DATA(&message), sizeof found);
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
  ASSIGN_OR_RETURN(NetlinkSocket netlink, NetlinkSocket::Open(NETLINK_SOCK_DIAG));
  std::vector<ListeningSocket> sockets;
  uint32_t sequence = 0;
  for (const uint8_t protocol : {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE, IPPROTO_SCTP}) {
    const bool connects = protocol == IPPROTO_TCP || protocol == IPPROTO_SCTP;
    for (const uint8_t family : {AF_INET, AF_INET6}) {
      Request request = {};
      request.header.nlmsg_len = sizeof request;
      request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
      request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
      request.header.nlmsg_seq = ++sequence;
      request.diag.sdiag_family = family;
      request.diag.sdiag_protocol = protocol;
      request.diag.idiag_states = connects ? kListen : kClose;
      const absl::Status status =
          netlink.Dump(std::span(reinterpret_cast<const char*>(&request), sizeof request),
                       [&](const nlmsghdr& message) { Read(message, protocol, sockets); });
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
