// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/nflog/nflog.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/capability.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "agent/kernel/netlink/attributes.h"
#include "agent/kernel/nflog/packet.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

constexpr uint16_t kConfig = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG;
constexpr uint16_t kPacket = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET;
// Room for the 64 packets that rules ask the kernel to gather, 128 bytes each plus overhead. The
// kernel charges the whole room, used or not, to the receive buffer.
constexpr uint32_t kDatagramBytes = 20 << 10;
constexpr uint32_t kGatherAtMost = 64;
constexpr uint32_t kSnapLength = 128;
constexpr int kPatienceSeconds = 2;

bool MayConfigureNetwork() {
  __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, sets) != 0) return false;
  return (sets[CAP_TO_INDEX(CAP_NET_ADMIN)].effective & CAP_TO_MASK(CAP_NET_ADMIN)) != 0;
}

// Receives the answer to a request; the kernel sends it at once.
absl::Status ReceiveAcknowledgement(NetlinkSocket& socket) {
  std::optional<int> error;
  while (!error.has_value()) {
    const absl::Status status = socket.Receive(/*wait=*/true, [&](const nlmsghdr& message) {
      if (message.nlmsg_type != NLMSG_ERROR) return;
      int code = 0;
      if (message.nlmsg_len >= NLMSG_LENGTH(sizeof code)) {
        memcpy(&code, NLMSG_DATA(&message), sizeof code);
      }
      error = -code;
    });
    if (!status.ok() && !absl::IsDataLoss(status)) return status;
  }
  // A caller that may configure the network gets EPERM only if another program owns the group.
  const bool taken = *error == EBUSY || (*error == EPERM && MayConfigureNetwork());
  if (taken) return absl::AlreadyExistsError("another program listens to it");
  return *error == 0 ? absl::OkStatus() : absl::ErrnoToStatus(*error, "configure it");
}

}  // namespace

absl::StatusOr<Nflog> Nflog::Open(uint16_t group) {
  ASSIGN_OR_RETURN(NetlinkSocket socket, NetlinkSocket::Open(NETLINK_NETFILTER));
  // Not checked: both options only make losses rarer and waits finite.
  setsockopt(socket.descriptor(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBufferBytes,
             sizeof kReceiveBufferBytes);
  const timeval patience = {.tv_sec = kPatienceSeconds, .tv_usec = 0};
  setsockopt(socket.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  Nflog nflog(std::move(socket));
  if (absl::Status status = nflog.Configure(group); !status.ok()) {
    return absl::Status(status.code(),
                        absl::StrCat("listen to NFLOG group ", group, ": ", status.message()));
  }
  return nflog;
}

absl::Status Nflog::Configure(uint16_t group) {
  // The bind must come first and alone, because the group cannot be configured before it is bound.
  for (const bool bind : {true, false}) {
    alignas(nlmsghdr) char buffer[256] = {};
    nlmsghdr* message = mnl_nlmsg_put_header(buffer);
    message->nlmsg_type = kConfig;
    message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    auto* family = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
    family->nfgen_family = AF_UNSPEC;
    family->version = NFNETLINK_V0;
    family->res_id = htons(group);
    if (bind) {
      const nfulnl_msg_config_cmd command = {.command = NFULNL_CFG_CMD_BIND};
      mnl_attr_put(message, NFULA_CFG_CMD, sizeof command, &command);
    } else {
      nfulnl_msg_config_mode mode = {};
      mode.copy_range = htonl(kSnapLength);
      mode.copy_mode = NFULNL_COPY_PACKET;
      mnl_attr_put(message, NFULA_CFG_MODE, sizeof mode, &mode);
      mnl_attr_put_u32(message, NFULA_CFG_NLBUFSIZ, htonl(kDatagramBytes));
      mnl_attr_put_u32(message, NFULA_CFG_QTHRESH, htonl(kGatherAtMost));
      // The timeout is in hundredths of a second.
      mnl_attr_put_u32(message, NFULA_CFG_TIMEOUT,
                       htonl(static_cast<uint32_t>(kDelay / absl::Milliseconds(10))));
    }
    absl::Status status = socket_.Send({buffer, message->nlmsg_len});
    if (status.ok()) status = ReceiveAcknowledgement(socket_);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Nflog::Receive(const std::function<void(const LoggedPacket&)>& each) {
  return socket_.Receive(/*wait=*/false, [&](const nlmsghdr& message) {
    bytes_read_ += message.nlmsg_len;
    if (message.nlmsg_type != kPacket) return;
    auto packet = ReadLoggedPacket(AttributesOf(message, sizeof(nfgenmsg)));
    if (!packet.has_value() || message.nlmsg_len < NLMSG_LENGTH(sizeof(nfgenmsg))) return;
    const auto& family = *static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(&message));
    if (family.nfgen_family == NFPROTO_NETDEV) packet->payload = BehindLink(packet->payload);
    each(*packet);
  });
}

}  // namespace firebreak::agent
