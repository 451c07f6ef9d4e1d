// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/links/loss_reader.h"

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include <span>
#include <utility>

#include "absl/strings/string_view.h"
#include "agent/kernel/netlink/attributes.h"

namespace firebreak::agent {
namespace {

using Bytes = std::span<const char>;

uint32_t Number(Bytes bytes) {
  uint32_t value = 0;
  if (bytes.size() == sizeof value) memcpy(&value, bytes.data(), sizeof value);
  return value;
}

// The ends of a veth pair name each other as their link. Neither stands on the other: the loss of
// one takes the carrier of the other, which is reported separately.
bool IsCable(Bytes link_info) {
  bool cable = false;
  ForEachAttribute(link_info, [&](uint16_t type, Bytes value) {
    if (type != IFLA_INFO_KIND) return true;
    const absl::string_view kind(value.data(), strnlen(value.data(), value.size()));
    cable = kind == "veth" || kind == "netkit" || kind == "vxcan";
    return true;
  });
  return cable;
}

}  // namespace

struct LossReader::LinkMessage {
  uint32_t index = 0;  // 0: the message is not about a link
  bool gone = false;
  bool moved = false;  // the link leads elsewhere, though its carrier stayed
  bool whole = false;  // the message describes the link completely
  Standing now;
};

LossReader::LinkMessage LossReader::ReadLink(const nlmsghdr& message) {
  LinkMessage link;
  if (message.nlmsg_type != RTM_NEWLINK && message.nlmsg_type != RTM_DELLINK) return link;
  if (message.nlmsg_len < NLMSG_LENGTH(sizeof(ifinfomsg))) return link;
  const auto& info = *static_cast<const ifinfomsg*>(NLMSG_DATA(&message));
  link.index = static_cast<uint32_t>(info.ifi_index);
  link.gone = message.nlmsg_type == RTM_DELLINK;
  link.now.up = (info.ifi_flags & IFF_UP) != 0 && (info.ifi_flags & IFF_RUNNING) != 0;
  // A bridge reports its ports in messages of its own family, which carry fewer attributes.
  if (info.ifi_family != AF_UNSPEC) return link;
  bool cable = false;
  bool elsewhere = false;  // the lower link is in another namespace, whose indices differ from ours
  ForEachAttribute(AttributesOf(message, sizeof info), [&](uint16_t type, Bytes value) {
    switch (type) {
      case IFLA_MASTER: link.now.master = Number(value); break;
      case IFLA_LINK: link.now.below = Number(value); break;
      case IFLA_LINK_NETNSID: elsewhere = true; break;
      case IFLA_LINKINFO: cable = IsCable(value); break;
      case IFLA_CARRIER_CHANGES:
        // Wireless drivers send messages that leave out this attribute and all others.
        link.whole = true;
        link.now.carrier_changes = Number(value);
        break;
      case IFLA_EVENT:
        // A bond switched to another port, or a virtual machine was moved to another host.
        link.moved = Number(value) == IFLA_EVENT_BONDING_FAILOVER ||
                     Number(value) == IFLA_EVENT_NOTIFY_PEERS;
        break;
    }
    return true;
  });
  if (cable || elsewhere) link.now.below = 0;
  return link;
}

void LossReader::Forget() { *this = LossReader(); }

void LossReader::Learn(const nlmsghdr& message) {
  const LinkMessage link = ReadLink(message);
  if (link.index != 0 && link.whole && !link.gone) known_[link.index] = link.now;
}

void LossReader::Lose(uint32_t index) {
  if (index == 0) return;
  lost_.insert(index);
  changed_.insert(index);
}

void LossReader::Hear(const nlmsghdr& event) {
  if (event.nlmsg_type == RTM_DELADDR && event.nlmsg_len >= NLMSG_LENGTH(sizeof(ifaddrmsg))) {
    lost_.insert(static_cast<const ifaddrmsg*>(NLMSG_DATA(&event))->ifa_index);
    return;
  }
  const LinkMessage link = ReadLink(event);
  if (link.index == 0) return;
  if (link.gone || link.moved) Lose(link.index);
  if (!link.now.up) lost_.insert(link.index);
  if (!link.whole) return;
  const auto known = known_.find(link.index);
  const Standing before = known == known_.end() ? Standing() : known->second;
  // By the time of Take the port may have left its master, so the master's loss is noted now.
  if (link.gone || before.master != link.now.master) Lose(before.master);
  if (link.gone) {
    known_.erase(link.index);
    return;
  }
  known_[link.index] = link.now;
  if (before == link.now) return;
  changed_.insert(link.index);
  if (before.master != link.now.master || before.below != link.now.below) Lose(link.index);
}

std::set<uint32_t> LossReader::Take() {
  // Each round goes up one level. A cycle ends the loop, because no interface is reached twice.
  for (bool grew = !changed_.empty(); grew;) {
    grew = false;
    const auto reach = [&](uint32_t index) {
      lost_.insert(index);
      grew |= changed_.insert(index).second;
    };
    for (const auto& [index, standing] : known_) {
      if (standing.master != 0 && changed_.contains(index)) reach(standing.master);
      if (standing.below != 0 && changed_.contains(standing.below)) reach(index);
    }
  }
  changed_.clear();
  return std::exchange(lost_, {});
}

}  // namespace firebreak::agent
