// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/sockets/half_open.h"

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

// TCP_SYN_RECV of include/net/tcp_states.h; inet_diag takes it for TCP_NEW_SYN_RECV too.
constexpr uint32_t kSynReceived = 1u << 3;

struct Request {
  nlmsghdr header;
  inet_diag_req_v2 diag;
};

}  // namespace

absl::StatusOr<HalfOpen> CountHalfOpen() {
  ASSIGN_OR_RETURN(NetlinkSocket netlink, NetlinkSocket::Open(NETLINK_SOCK_DIAG));
  HalfOpen count;
  uint32_t sequence = 0;
  for (const uint8_t family : {AF_INET, AF_INET6}) {
    Request request = {};
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request.header.nlmsg_seq = ++sequence;
    request.diag.sdiag_family = family;
    request.diag.sdiag_protocol = IPPROTO_TCP;
    request.diag.idiag_states = kSynReceived;
    const absl::Status status =
        netlink.Dump(std::span(reinterpret_cast<const char*>(&request), sizeof request),
                     [&](const nlmsghdr& message) {
                       if (message.nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg))) return;
                       inet_diag_msg found;
                       memcpy(&found, NLMSG_DATA(&message), sizeof found);
                       ++count.connections;
                       if (found.idiag_retrans > 0) ++count.retried;
                     });
    // Connections come and go all the time; and not every kernel has IPv6.
    if (status.ok() || absl::IsAborted(status) || family == AF_INET6) continue;
    return absl::Status(status.code(),
                        absl::StrCat("count half-open connections: ", status.message()));
  }
  return count;
}

}  // namespace firebreak::agent
