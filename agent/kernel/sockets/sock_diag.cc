// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/sockets/sock_diag.h"

#include <string.h>

#include <linux/sock_diag.h>

#include <span>

#include "base/status/status.h"

namespace firebreak::agent {
namespace {

struct Request {
  nlmsghdr header;
  inet_diag_req_v2 diag;
};

}  // namespace

absl::StatusOr<SockDiag> SockDiag::Open() {
  ASSIGN_OR_RETURN(NetlinkSocket netlink, NetlinkSocket::Open(NETLINK_SOCK_DIAG));
  return SockDiag(std::move(netlink));
}

absl::Status SockDiag::Dump(
    uint8_t family, uint8_t protocol, uint32_t states,
    const std::function<void(const inet_diag_msg& found, const nlmsghdr& message)>& each) {
  Request request = {};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.header.nlmsg_seq = ++sequence_;
  request.diag.sdiag_family = family;
  request.diag.sdiag_protocol = protocol;
  request.diag.idiag_states = states;
  return netlink_.Dump(std::span(reinterpret_cast<const char*>(&request), sizeof request),
                       [&](const nlmsghdr& message) {
                         if (message.nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg))) return;
                         inet_diag_msg found;
                         memcpy(&found, NLMSG_DATA(&message), sizeof found);
                         each(found, message);
                       });
}

}  // namespace firebreak::agent
