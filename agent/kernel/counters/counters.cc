// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/counters/counters.h"

#include <arpa/inet.h>
#include <endian.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include <optional>
#include <span>

#include "absl/strings/str_cat.h"
#include "agent/kernel/netlink/attributes.h"
#include "base/status/status.h"
#include "policy/ruleset/ruleset.h"

namespace firebreak::agent {
namespace {

constexpr int kAttempts = 5;

void TakeCounter(const nlmsghdr& message, PacketCounts& counts) {
  std::string name;
  std::optional<uint64_t> packets;
  ForEachAttribute(AttributesOf(message, sizeof(nfgenmsg)),
                   [&](int type, std::span<const char> value) {
                     if (type == NFTA_OBJ_NAME)
                       name.assign(value.data(), strnlen(value.data(), value.size()));
                     if (type != NFTA_OBJ_DATA) return true;
                     return ForEachAttribute(value, [&](int inner, std::span<const char> number) {
                       uint64_t count;
                       if (inner != NFTA_COUNTER_PACKETS || number.size() != sizeof count)
                         return true;
                       memcpy(&count, number.data(), sizeof count);
                       packets = be64toh(count);
                       return true;
                     });
                   });
  if (packets.has_value()) counts[name] += *packets;
}

}  // namespace

absl::StatusOr<Counters> Counters::Open() {
  ASSIGN_OR_RETURN(NetlinkSocket socket, NetlinkSocket::Open(NETLINK_NETFILTER));
  return Counters(std::move(socket));
}

absl::StatusOr<PacketCounts> Counters::Read() {
  alignas(nlmsghdr) char buffer[128] = {};
  nlmsghdr* message = mnl_nlmsg_put_header(buffer);
  message->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETOBJ;
  message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  auto* family = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
  family->nfgen_family = AF_UNSPEC;
  family->version = NFNETLINK_V0;
  mnl_attr_put_strz(message, NFTA_OBJ_TABLE, ruleset::kTableName);
  mnl_attr_put_u32(message, NFTA_OBJ_TYPE, htonl(NFT_OBJECT_COUNTER));
  absl::Status status;
  for (int i = 0; i < kAttempts; ++i) {
    PacketCounts counts;
    message->nlmsg_seq = ++sequence_;
    status = socket_.Dump({buffer, message->nlmsg_len},
                          [&](const nlmsghdr& object) { TakeCounter(object, counts); });
    if (status.ok()) return counts;
    if (absl::IsNotFound(status)) return PacketCounts();  // the table does not exist
    if (!absl::IsAborted(status)) break;
  }
  return absl::Status(status.code(), absl::StrCat("read the counters: ", status.message()));
}

}  // namespace firebreak::agent
