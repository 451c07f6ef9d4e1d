// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/wireless/wireless.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/nl80211.h>
#include <string.h>

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "agent/kernel/wireless/wireless_messages.h"
#include "base/status/status.h"
#include "base/text/utf8.h"

namespace firebreak::agent {
namespace {

// Sends one request to generic netlink. `flags` say whether it is for one object or for a dump; the
// answer ends with an acknowledgement or the end of the dump.
absl::Status Ask(NetlinkSocket& socket, uint16_t family, uint8_t command, uint16_t flags,
                 uint16_t attribute, absl::string_view value,
                 const std::function<void(const nlmsghdr&)>& each) {
  nlmsghdr header = {};
  genlmsghdr generic = {};
  nlattr about = {};
  about.nla_type = attribute;
  about.nla_len = static_cast<uint16_t>(NLA_HDRLEN + value.size());
  generic.cmd = command;
  generic.version = 1;
  header.nlmsg_type = family;
  header.nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
  header.nlmsg_seq = 1;
  header.nlmsg_len = static_cast<uint32_t>(NLMSG_LENGTH(GENL_HDRLEN) + NLA_ALIGN(about.nla_len));
  std::string bytes(header.nlmsg_len, '\0');
  memcpy(bytes.data(), &header, sizeof header);
  memcpy(bytes.data() + NLMSG_HDRLEN, &generic, sizeof generic);
  memcpy(bytes.data() + NLMSG_HDRLEN + GENL_HDRLEN, &about, sizeof about);
  memcpy(bytes.data() + NLMSG_HDRLEN + GENL_HDRLEN + NLA_HDRLEN, value.data(), value.size());
  return socket.Dump({bytes.data(), bytes.size()}, each);
}

absl::string_view AsBytes(const uint32_t& number) {
  return absl::string_view(reinterpret_cast<const char*>(&number), sizeof number);
}

// An interface that is not wireless, or is gone, has joined no network.
bool HasNone(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsInvalidArgument(status) ||
         absl::IsUnimplemented(status);
}

}  // namespace

absl::StatusOr<Wireless> Wireless::Open() {
  ASSIGN_OR_RETURN(NetlinkSocket socket, NetlinkSocket::Open(NETLINK_GENERIC));
  std::optional<uint16_t> family;
  const absl::Status status =
      Ask(socket, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK, CTRL_ATTR_FAMILY_NAME,
          absl::string_view(NL80211_GENL_NAME, sizeof NL80211_GENL_NAME),
          [&](const nlmsghdr& message) { family = ReadFamilyNumber(message); });
  if (absl::IsNotFound(status)) {
    return absl::NotFoundError("this kernel has no wireless networks");
  }
  if (!status.ok()) {
    return absl::Status(status.code(), absl::StrCat("look for nl80211: ", status.message()));
  }
  if (!family.has_value()) return absl::DataLossError("look for nl80211: no number came back");
  return Wireless(std::move(socket), *family);
}

absl::StatusOr<std::optional<Association>> Wireless::Read(uint32_t interface_index) {
  std::optional<std::string> ssid, bssid;
  absl::Status status =
      Ask(socket_, family_, NL80211_CMD_GET_INTERFACE, NLM_F_ACK, NL80211_ATTR_IFINDEX,
          AsBytes(interface_index), [&](const nlmsghdr& message) { ssid = ReadSsid(message); });
  if (status.ok() && ssid.has_value()) {
    status = Ask(socket_, family_, NL80211_CMD_GET_SCAN, NLM_F_DUMP, NL80211_ATTR_IFINDEX,
                 AsBytes(interface_index), [&](const nlmsghdr& message) {
                   if (const auto found = ReadAssociatedBssid(message)) bssid = found;
                 });
    // If the access point cannot be read, the network's name alone is still useful.
    if (absl::IsAborted(status)) status = absl::OkStatus();
  }
  if (HasNone(status)) return std::nullopt;
  if (!status.ok()) {
    return absl::Status(status.code(), absl::StrCat("ask for the wireless network of interface ",
                                                    interface_index, ": ", status.message()));
  }
  if (!ssid.has_value()) return std::nullopt;
  // The name may contain any bytes, but goes into messages that carry UTF-8.
  return Association{.ssid = ToUtf8(*ssid), .bssid = bssid.value_or("")};
}

}  // namespace firebreak::agent
