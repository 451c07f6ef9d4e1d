// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/conntrack/events.h"

#include <sys/socket.h>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include <optional>

#include "base/status/status.h"

namespace firebreak::agent {
namespace {

constexpr uint32_t kGroups[] = {NFNLGRP_CONNTRACK_NEW, NFNLGRP_CONNTRACK_UPDATE,
                                NFNLGRP_CONNTRACK_DESTROY};
constexpr uint16_t kNew = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW;
constexpr uint16_t kDelete = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE;
constexpr int kReceiveBufferBytes = 16 << 20;

}  // namespace

absl::StatusOr<FlowEvents> FlowEvents::Open() {
  ASSIGN_OR_RETURN(NetlinkSocket socket, NetlinkSocket::Open(NETLINK_NETFILTER, kGroups));
  setsockopt(socket.descriptor(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBufferBytes,
             sizeof kReceiveBufferBytes);
  return FlowEvents(std::move(socket));
}

absl::Status FlowEvents::Receive(const std::function<void(Kind, const Flow&)>& each) {
  return socket_.Receive(/*wait=*/false, [&](const nlmsghdr& message) {
    if (message.nlmsg_type != kNew && message.nlmsg_type != kDelete) return;
    const std::optional<Flow> flow = ReadFlow(message);
    if (!flow.has_value()) return;
    const bool begun = (message.nlmsg_flags & NLM_F_CREATE) != 0;
    each(message.nlmsg_type == kDelete ? Kind::kEnded
         : begun                       ? Kind::kBegun
                                       : Kind::kChanged,
         *flow);
  });
}

uint32_t FlowEvents::TakeDropped() {
  uint32_t memory[SK_MEMINFO_VARS] = {};
  socklen_t length = sizeof memory;
  if (getsockopt(socket_.descriptor(), SOL_SOCKET, SO_MEMINFO, memory, &length) != 0 ||
      length <= SK_MEMINFO_DROPS * sizeof memory[0]) {
    return 0;
  }
  // Every event is one datagram. The kernel's counter wraps at 32 bits, and so does this
  // subtraction.
  return memory[SK_MEMINFO_DROPS] - std::exchange(dropped_, memory[SK_MEMINFO_DROPS]);
}

}  // namespace firebreak::agent
