// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/links/link_messages.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/kernel/links/interface_type.h"

namespace firebreak::agent {
namespace {

std::string Text(const nlattr* attribute) {
  const char* text = static_cast<const char*>(mnl_attr_get_payload(attribute));
  return std::string(text, strnlen(text, mnl_attr_get_payload_len(attribute)));
}

// rtnetlink reports Wi-Fi as Ethernet; the PHY in sysfs tells them apart.
bool IsWireless(const std::string& name) {
  // The kernel's interface names contain no slash; "." and ".." would lead out of the directory.
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos) {
    return false;
  }
  return access(absl::StrCat("/sys/class/net/", name, "/phy80211").c_str(), F_OK) == 0;
}

struct LinkAttributes {
  std::string name;
  std::string kind;
  bool has_master = false;
  uint32_t master = 0;
  bool is_bridge_port = false;
  std::string mac;
  uint32_t lower = 0;
  bool lower_is_elsewhere = false;  // the lower interface is in another network namespace
  uint32_t carrier_changes = 0;
};

int ReadLinkInfo(const nlattr* attribute, void* data) {
  if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND) {
    static_cast<LinkAttributes*>(data)->kind = Text(attribute);
  }
  if (mnl_attr_get_type(attribute) == IFLA_INFO_SLAVE_KIND) {
    static_cast<LinkAttributes*>(data)->is_bridge_port = Text(attribute) == "bridge";
  }
  return MNL_CB_OK;
}

int ReadLinkAttribute(const nlattr* attribute, void* data) {
  auto& attributes = *static_cast<LinkAttributes*>(data);
  switch (mnl_attr_get_type(attribute)) {
    case IFLA_IFNAME: attributes.name = Text(attribute); break;
    case IFLA_MASTER:
      attributes.has_master = true;
      if (mnl_attr_get_payload_len(attribute) == sizeof(uint32_t)) {
        attributes.master = mnl_attr_get_u32(attribute);
      }
      break;
    case IFLA_ADDRESS:
      attributes.mac.assign(static_cast<const char*>(mnl_attr_get_payload(attribute)),
                            mnl_attr_get_payload_len(attribute));
      break;
    case IFLA_LINK:
      if (mnl_attr_get_payload_len(attribute) == sizeof(uint32_t)) {
        attributes.lower = mnl_attr_get_u32(attribute);
      }
      break;
    case IFLA_LINK_NETNSID: attributes.lower_is_elsewhere = true; break;
    case IFLA_CARRIER_CHANGES:
      if (mnl_attr_get_payload_len(attribute) == sizeof(uint32_t)) {
        attributes.carrier_changes = mnl_attr_get_u32(attribute);
      }
      break;
    case IFLA_LINKINFO: mnl_attr_parse_nested(attribute, ReadLinkInfo, data); break;
  }
  return MNL_CB_OK;
}

}  // namespace

void ReadLink(const nlmsghdr& message, std::map<uint32_t, Link>& links) {
  if (message.nlmsg_type != RTM_NEWLINK || message.nlmsg_len < NLMSG_LENGTH(sizeof(ifinfomsg))) {
    return;
  }
  const auto& info = *static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(&message));
  LinkAttributes attributes;
  mnl_attr_parse(&message, sizeof(ifinfomsg), ReadLinkAttribute, &attributes);
  Link& link = links[static_cast<uint32_t>(info.ifi_index)];
  link.index = static_cast<uint32_t>(info.ifi_index);
  link.type = std::string(InterfaceType({.hardware = info.ifi_type,
                                         .kind = attributes.kind,
                                         .wireless = IsWireless(attributes.name),
                                         .has_master = attributes.has_master}));
  link.hardware = info.ifi_type;
  link.is_port = attributes.is_bridge_port;
  link.master = attributes.is_bridge_port ? attributes.master : 0;
  link.is_guest = attributes.kind == "macvtap" || attributes.kind == "ipvtap";
  link.mac = std::move(attributes.mac);
  link.lower = attributes.lower_is_elsewhere ? 0 : attributes.lower;
  link.name = std::move(attributes.name);
  link.up = (info.ifi_flags & IFF_UP) != 0 && (info.ifi_flags & IFF_RUNNING) != 0;
  link.carrier_changes = attributes.carrier_changes;
}

namespace {

struct AddressAttributes {
  std::string local;  // the host's own address on a point-to-point link; else absent
  std::string address;
};

int ReadAddressAttribute(const nlattr* attribute, void* data) {
  auto& attributes = *static_cast<AddressAttributes*>(data);
  const std::string bytes(static_cast<const char*>(mnl_attr_get_payload(attribute)),
                          mnl_attr_get_payload_len(attribute));
  if (mnl_attr_get_type(attribute) == IFA_LOCAL) attributes.local = bytes;
  if (mnl_attr_get_type(attribute) == IFA_ADDRESS) attributes.address = bytes;
  return MNL_CB_OK;
}

}  // namespace

void ReadAddress(const nlmsghdr& message, std::map<uint32_t, Link>& links) {
  if (message.nlmsg_type != RTM_NEWADDR || message.nlmsg_len < NLMSG_LENGTH(sizeof(ifaddrmsg))) {
    return;
  }
  const auto& info = *static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(&message));
  const auto link = links.find(info.ifa_index);
  if (link == links.end()) return;
  AddressAttributes attributes;
  mnl_attr_parse(&message, sizeof(ifaddrmsg), ReadAddressAttribute, &attributes);
  const std::string& bytes = attributes.local.empty() ? attributes.address : attributes.local;
  char text[INET6_ADDRSTRLEN];
  const bool known = (info.ifa_family == AF_INET && bytes.size() == 4) ||
                     (info.ifa_family == AF_INET6 && bytes.size() == 16);
  if (!known || inet_ntop(info.ifa_family, bytes.data(), text, sizeof text) == nullptr) return;
  link->second.addresses.push_back(absl::StrCat(text, "/", info.ifa_prefixlen));
}

}  // namespace firebreak::agent
