// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/gateways/gateways.h"

#include <arpa/inet.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include <algorithm>
#include <map>
#include <optional>
#include <span>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "agent/kernel/netlink/attributes.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

using Bytes = std::span<const char>;

constexpr int kTries = 5;

std::string AddressText(Bytes bytes) {
  char text[INET6_ADDRSTRLEN];
  const int family = bytes.size() == 4 ? AF_INET : AF_INET6;
  if (bytes.size() != 4 && bytes.size() != 16) return "";
  return inet_ntop(family, bytes.data(), text, sizeof text) == nullptr ? "" : text;
}

std::string MacText(Bytes bytes) {
  std::string text;
  for (char byte : bytes) {
    absl::StrAppend(&text, text.empty() ? "" : ":",
                    absl::BytesToHexString(absl::string_view(&byte, 1)));
  }
  return text;
}

uint32_t Number(Bytes bytes) {
  uint32_t value = 0;
  if (bytes.size() == sizeof value) memcpy(&value, bytes.data(), sizeof value);
  return value;
}

// Returns the address of an RTA_VIA, which is a family followed by an address.
Bytes ViaAddress(Bytes bytes) { return bytes.size() < 2 ? Bytes() : bytes.subspan(2); }

// Reads the next hops of an RTA_MULTIPATH; each is a header followed by attributes.
void ReadNextHops(Bytes bytes, std::vector<Gateway>& gateways) {
  while (bytes.size() >= sizeof(rtnexthop)) {
    rtnexthop hop;
    memcpy(&hop, bytes.data(), sizeof hop);
    if (hop.rtnh_len < sizeof hop || hop.rtnh_len > bytes.size()) return;
    Gateway gateway{static_cast<uint32_t>(hop.rtnh_ifindex), "", ""};
    ForEachAttribute(bytes.subspan(sizeof hop, hop.rtnh_len - sizeof hop),
                     [&](uint16_t type, Bytes value) {
                       if (type == RTA_GATEWAY) gateway.address = AddressText(value);
                       if (type == RTA_VIA) gateway.address = AddressText(ViaAddress(value));
                       return true;
                     });
    gateways.push_back(std::move(gateway));
    bytes = bytes.subspan(std::min<size_t>(RTNH_ALIGN(hop.rtnh_len), bytes.size()));
  }
}

// Returns the gateways of a default route of the main table, or nullopt if the message is about
// another route.
std::optional<std::vector<Gateway>> ReadRoute(const nlmsghdr& message) {
  if (message.nlmsg_type != RTM_NEWROUTE && message.nlmsg_type != RTM_DELROUTE) return std::nullopt;
  if (message.nlmsg_len < NLMSG_LENGTH(sizeof(rtmsg))) return std::nullopt;
  const auto& route = *static_cast<const rtmsg*>(NLMSG_DATA(&message));
  if (route.rtm_dst_len != 0 || route.rtm_table != RT_TABLE_MAIN || route.rtm_type != RTN_UNICAST) {
    return std::nullopt;
  }
  Gateway only;
  std::vector<Gateway> gateways;
  ForEachAttribute(AttributesOf(message, sizeof(rtmsg)), [&](uint16_t type, Bytes value) {
    switch (type) {
      case RTA_OIF: only.interface_index = Number(value); break;
      case RTA_GATEWAY: only.address = AddressText(value); break;
      case RTA_VIA: only.address = AddressText(ViaAddress(value)); break;
      case RTA_MULTIPATH: ReadNextHops(value, gateways); break;
    }
    return true;
  });
  if (only.interface_index != 0) gateways.push_back(std::move(only));
  return gateways;
}

void ReadNeighbour(const nlmsghdr& message,
                   std::map<std::pair<uint32_t, std::string>, std::string>& macs) {
  if (message.nlmsg_type != RTM_NEWNEIGH || message.nlmsg_len < NLMSG_LENGTH(sizeof(ndmsg))) return;
  const auto& neighbour = *static_cast<const ndmsg*>(NLMSG_DATA(&message));
  std::string address, mac;
  ForEachAttribute(AttributesOf(message, sizeof(ndmsg)), [&](uint16_t type, Bytes value) {
    if (type == NDA_DST) address = AddressText(value);
    if (type == NDA_LLADDR) mac = MacText(value);
    return true;
  });
  if (mac.empty() || (neighbour.ndm_state & (NUD_FAILED | NUD_INCOMPLETE)) != 0) return;
  macs[{static_cast<uint32_t>(neighbour.ndm_ifindex), address}] = mac;
}

template <typename Header>
absl::Status Dump(NetlinkSocket& socket, uint16_t type, uint32_t sequence,
                  const std::function<void(const nlmsghdr&)>& each) {
  struct {
    nlmsghdr header;
    Header body;
  } request = {};
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof(Header));
  request.header.nlmsg_type = type;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.header.nlmsg_seq = sequence;
  return socket.Dump({reinterpret_cast<const char*>(&request), request.header.nlmsg_len}, each);
}

}  // namespace

absl::StatusOr<Gateways> Gateways::Open() {
  ASSIGN_OR_RETURN(NetlinkSocket requests, NetlinkSocket::Open(NETLINK_ROUTE));
  static constexpr uint32_t kGroups[] = {RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE};
  ASSIGN_OR_RETURN(NetlinkSocket events, NetlinkSocket::Open(NETLINK_ROUTE, kGroups));
  return Gateways(std::move(requests), std::move(events));
}

absl::StatusOr<std::vector<Gateway>> Gateways::Read() {
  std::vector<Gateway> gateways;
  std::map<std::pair<uint32_t, std::string>, std::string> macs;
  absl::Status status;
  for (int i = 0; i < kTries; ++i) {
    gateways.clear();
    macs.clear();
    status = Dump<rtmsg>(requests_, RTM_GETROUTE, ++sequence_, [&](const nlmsghdr& message) {
      if (std::optional<std::vector<Gateway>> found = ReadRoute(message)) {
        gateways.insert(gateways.end(), found->begin(), found->end());
      }
    });
    if (status.ok() && !gateways.empty()) {
      status = Dump<ndmsg>(requests_, RTM_GETNEIGH, ++sequence_,
                           [&](const nlmsghdr& message) { ReadNeighbour(message, macs); });
    }
    if (!absl::IsAborted(status)) break;
  }
  if (!status.ok()) {
    return absl::Status(status.code(), absl::StrCat("read routes: ", status.message()));
  }
  for (Gateway& gateway : gateways) {
    const auto found = macs.find({gateway.interface_index, gateway.address});
    if (found != macs.end()) gateway.mac = found->second;
  }
  return gateways;
}

Gateways::Changes Gateways::Drain() {
  Changes changes;
  while (true) {
    const absl::Status status = events_.Receive(/*wait=*/false, [&](const nlmsghdr& message) {
      const std::optional<std::vector<Gateway>> route = ReadRoute(message);
      if (!route.has_value()) return;
      changes.any = true;
      if (message.nlmsg_type != RTM_DELROUTE) return;
      for (const Gateway& gateway : *route) changes.interfaces.insert(gateway.interface_index);
    });
    if (absl::IsUnavailable(status)) return changes;
    if (!status.ok()) changes.any = changes.all = true;
    if (!status.ok() && !absl::IsDataLoss(status)) return changes;
  }
}

}  // namespace firebreak::agent
