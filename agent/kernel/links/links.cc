// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/links/links.h"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <map>
#include <span>

#include "absl/strings/str_cat.h"
#include "agent/kernel/links/checks_sums.h"
#include "agent/kernel/links/link_messages.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

constexpr int kTries = 5;

absl::Status Dump(NetlinkSocket& socket, uint16_t type, uint32_t sequence,
                  const std::function<void(const nlmsghdr&)>& each) {
  alignas(nlmsghdr) char buffer[NLMSG_SPACE(sizeof(ifinfomsg))] = {};
  nlmsghdr* request = mnl_nlmsg_put_header(buffer);
  request->nlmsg_type = type;
  request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request->nlmsg_seq = sequence;
  if (type == RTM_GETLINK) {
    mnl_nlmsg_put_extra_header(request, sizeof(ifinfomsg));
  } else {
    mnl_nlmsg_put_extra_header(request, sizeof(ifaddrmsg));
  }
  return socket.Dump({buffer, request->nlmsg_len}, each);
}

}  // namespace

absl::StatusOr<Links> Links::Open() {
  ASSIGN_OR_RETURN(NetlinkSocket requests, NetlinkSocket::Open(NETLINK_ROUTE));
  static constexpr uint32_t kGroups[] = {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR};
  ASSIGN_OR_RETURN(NetlinkSocket events, NetlinkSocket::Open(NETLINK_ROUTE, kGroups));
  return Links(std::move(requests), std::move(events));
}

Links::Losses Links::Drain() {
  while (true) {
    const absl::Status status =
        events_.Receive(/*wait=*/false, [&](const nlmsghdr& event) { losses_.Hear(event); });
    if (!status.ok() && !absl::IsUnavailable(status)) knows_all_ = false;
    if (status.ok() || absl::IsDataLoss(status)) continue;
    return {.interfaces = losses_.Take(), .all = !knows_all_};
  }
}

absl::StatusOr<std::vector<Link>> Links::Read() {
  std::map<uint32_t, Link> links;
  absl::Status status;
  for (int i = 0; i < kTries; ++i) {
    links.clear();
    // A dump may be newer than events that are still to come, which would then show no change. So a
    // dump is learnt only when events have been missed.
    if (!knows_all_) losses_.Forget();
    status = Dump(requests_, RTM_GETLINK, ++sequence_, [&](const nlmsghdr& message) {
      ReadLink(message, links);
      if (!knows_all_) losses_.Learn(message);
    });
    if (status.ok()) {
      status = Dump(requests_, RTM_GETADDR, ++sequence_,
                    [&](const nlmsghdr& message) { ReadAddress(message, links); });
    }
    if (!absl::IsAborted(status)) break;
  }
  if (!status.ok()) {
    return absl::Status(status.code(), absl::StrCat("read interfaces: ", status.message()));
  }
  knows_all_ = true;
  std::vector<Link> result;
  result.reserve(links.size());
  const SumCheckers devices;
  for (auto& [index, link] : links) {
    link.checks_sums = devices.Checks(link.name);
    result.push_back(std::move(link));
  }
  return result;
}

}  // namespace firebreak::agent
