// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/conntrack/conntrack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

constexpr size_t kRequestBytes = 512;
// The timeout of an adopted connection until its next packet; from then on the kernel sets it.
constexpr uint32_t kEstablishedSeconds = 432'000;

constexpr uint16_t Type(int message) {
  return static_cast<uint16_t>((NFNL_SUBSYS_CTNETLINK << 8) | message);
}

absl::Status Explain(const absl::Status& status, const char* operation) {
  return absl::Status(status.code(), absl::StrCat(operation, ": ", status.message()));
}

class Request {
 public:
  Request(int message, uint16_t flags, uint32_t sequence, uint8_t family)
      : header_(mnl_nlmsg_put_header(buffer_)) {
    header_->nlmsg_type = Type(message);
    header_->nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
    header_->nlmsg_seq = sequence;
    auto* extra = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(header_, sizeof(nfgenmsg)));
    extra->nfgen_family = family;
    extra->version = NFNETLINK_V0;
  }

  nlmsghdr& header() { return *header_; }
  std::span<const char> bytes() const { return {buffer_, header_->nlmsg_len}; }

 private:
  static_assert(kRequestBytes > NLMSG_SPACE(sizeof(nfgenmsg)) + 2 * kTupleBytes + 128);
  alignas(nlmsghdr) char buffer_[kRequestBytes] = {};
  nlmsghdr* header_;
};

// Waits for the flow that was asked for, or for the acknowledgement or error of the request with
// this sequence number.
absl::Status AwaitAnswer(NetlinkSocket& socket, uint32_t sequence, std::optional<Flow>* flow) {
  std::optional<absl::Status> end;
  while (!end.has_value()) {
    const absl::Status status = socket.Receive(/*wait=*/true, [&](const nlmsghdr& message) {
      if (message.nlmsg_seq != sequence || end.has_value()) return;
      if (message.nlmsg_type == NLMSG_ERROR) {
        int error = -EIO;
        if (message.nlmsg_len >= NLMSG_LENGTH(sizeof error)) {
          error = *static_cast<const int*>(mnl_nlmsg_get_payload(&message));
        }
        end = error == 0 ? absl::OkStatus() : absl::ErrnoToStatus(-error, "the kernel says");
      } else if (flow != nullptr && message.nlmsg_type == Type(IPCTNL_MSG_CT_NEW)) {
        *flow = ReadFlow(message);
      }
    });
    if (!status.ok()) return status;
  }
  return *end;
}

}  // namespace

absl::StatusOr<Conntrack> Conntrack::Open() {
  ASSIGN_OR_RETURN(NetlinkSocket socket, NetlinkSocket::Open(NETLINK_NETFILTER));
  return Conntrack(std::move(socket));
}

absl::Status Conntrack::Dump(const Filter& filter, const std::function<void(const Flow&)>& each) {
  Request request(IPCTNL_MSG_CT_GET, NLM_F_DUMP, ++sequence_, filter.family);
  if (filter.mark.has_value()) {
    mnl_attr_put_u32(&request.header(), CTA_MARK, htonl(filter.mark->value));
    mnl_attr_put_u32(&request.header(), CTA_MARK_MASK, htonl(filter.mark->mask));
  }
  const absl::Status status = socket_.Dump(request.bytes(), [&](const nlmsghdr& message) {
    if (const std::optional<Flow> flow = ReadFlow(message)) each(*flow);
  });
  if (!status.ok()) return Explain(status, "read the table of connections");
  return absl::OkStatus();
}

absl::StatusOr<Flow> Conntrack::Get(const Flow& flow) {
  Request request(IPCTNL_MSG_CT_GET, NLM_F_ACK, ++sequence_, flow.family);
  PutOriginal(flow, request.header());
  if (flow.zone != 0) mnl_attr_put_u16(&request.header(), CTA_ZONE, htons(flow.zone));
  std::optional<Flow> found;
  absl::Status status = socket_.Send(request.bytes());
  if (status.ok()) status = AwaitAnswer(socket_, sequence_, &found);
  if (!status.ok()) return Explain(status, "look up a connection");
  if (!found.has_value()) return absl::InternalError("look up a connection: no flow in the answer");
  return *std::move(found);
}

absl::Status Conntrack::AddEstablished(const Flow& flow) {
  Request request(IPCTNL_MSG_CT_NEW, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, ++sequence_,
                  flow.family);
  nlmsghdr& message = request.header();
  PutOriginal(flow, message);
  PutReply(flow, message);
  mnl_attr_put_u32(&message, CTA_STATUS, htonl(IPS_CONFIRMED | IPS_SEEN_REPLY | IPS_ASSURED));
  mnl_attr_put_u32(&message, CTA_TIMEOUT, htonl(kEstablishedSeconds));
  nlattr* const protocol = mnl_attr_nest_start(&message, CTA_PROTOINFO);
  nlattr* const tcp = mnl_attr_nest_start(&message, CTA_PROTOINFO_TCP);
  mnl_attr_put_u8(&message, CTA_PROTOINFO_TCP_STATE, TCP_CONNTRACK_ESTABLISHED);
  const nf_ct_tcp_flags liberal = {.flags = IP_CT_TCP_FLAG_BE_LIBERAL,
                                   .mask = IP_CT_TCP_FLAG_BE_LIBERAL};
  mnl_attr_put(&message, CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, sizeof liberal, &liberal);
  mnl_attr_put(&message, CTA_PROTOINFO_TCP_FLAGS_REPLY, sizeof liberal, &liberal);
  mnl_attr_nest_end(&message, tcp);
  mnl_attr_nest_end(&message, protocol);
  absl::Status status = socket_.Send(request.bytes());
  if (status.ok()) status = AwaitAnswer(socket_, sequence_, nullptr);
  return status.ok() ? status : Explain(status, "take up a connection");
}

absl::Status Conntrack::Delete(const Flow& flow) {
  Request request(IPCTNL_MSG_CT_DELETE, NLM_F_ACK, ++sequence_, flow.family);
  PutOriginal(flow, request.header());
  if (flow.zone != 0) mnl_attr_put_u16(&request.header(), CTA_ZONE, htons(flow.zone));
  mnl_attr_put_u32(&request.header(), CTA_ID, htonl(flow.id));
  absl::Status status = socket_.Send(request.bytes());
  if (status.ok()) status = AwaitAnswer(socket_, sequence_, nullptr);
  return status.ok() ? status : Explain(status, "end a connection");
}

}  // namespace firebreak::agent
