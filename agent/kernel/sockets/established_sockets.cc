// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/sockets/established_sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include <span>

#include "absl/strings/str_cat.h"
#include "agent/kernel/netlink/socket.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

// TCP_ESTABLISHED of include/net/tcp_states.h, a header that user space does not get.
constexpr uint32_t kEstablished = 1u << 1;

constexpr char kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '\xff', '\xff'};

struct Request {
  nlmsghdr header;
  inet_diag_req_v2 diag;
};

std::string AddressOf(uint8_t family, const void* words) {
  std::string address(static_cast<const char*>(words), family == AF_INET ? 4 : 16);
  if (address.size() == 16 && memcmp(address.data(), kMapped, sizeof kMapped) == 0) {
    address.erase(0, sizeof kMapped);
  }
  return address;
}

}  // namespace

absl::StatusOr<std::vector<EstablishedSocket>> ReadEstablishedSockets(size_t most) {
  ASSIGN_OR_RETURN(NetlinkSocket netlink, NetlinkSocket::Open(NETLINK_SOCK_DIAG));
  std::vector<EstablishedSocket> sockets;
  uint32_t sequence = 0;
  for (const uint8_t family : {AF_INET, AF_INET6}) {
    Request request = {};
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request.header.nlmsg_seq = ++sequence;
    request.diag.sdiag_family = family;
    request.diag.sdiag_protocol = IPPROTO_TCP;
    request.diag.idiag_states = kEstablished;
    const absl::Status status = netlink.Dump(
        std::span(reinterpret_cast<const char*>(&request), sizeof request),
        [&](const nlmsghdr& message) {
          if (message.nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg))) return;
          inet_diag_msg found;
          memcpy(&found, NLMSG_DATA(&message), sizeof found);
          if (sockets.size() >= most) return;
          sockets.push_back({.local = AddressOf(found.idiag_family, found.id.idiag_src),
                             .remote = AddressOf(found.idiag_family, found.id.idiag_dst),
                             .local_port = ntohs(found.id.idiag_sport),
                             .remote_port = ntohs(found.id.idiag_dport)});
        });
    // Aborted and NotFound are fine: sockets come and go all the time.
    if (status.ok() || absl::IsAborted(status) || absl::IsNotFound(status)) continue;
    return absl::Status(status.code(),
                        absl::StrCat("read the established sockets: ", status.message()));
  }
  return sockets;
}

}  // namespace firebreak::agent
