// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_WIRELESS_WIRELESS_MESSAGES_H_
#define FIREBREAK_AGENT_KERNEL_WIRELESS_WIRELESS_MESSAGES_H_

#include <cstdint>
#include <optional>
#include <string>

struct nlmsghdr;

namespace firebreak::agent {

// Parsers for the kernel's answers about wireless networks (generic netlink, <linux/nl80211.h>).
// Each returns nullopt if the value is missing or cut short.

// The number that generic netlink has assigned to nl80211. The message is an answer to
// CTRL_CMD_GETFAMILY.
std::optional<uint16_t> ReadFamilyNumber(const nlmsghdr& message);

// The name of the network that an interface has joined: at most 32 bytes, which anybody may have
// chosen. The message is an answer to NL80211_CMD_GET_INTERFACE.
std::optional<std::string> ReadSsid(const nlmsghdr& message);

// The associated access point, for example "02:00:00:00:00:01", if the message, an answer to
// NL80211_CMD_GET_SCAN, is about that one.
std::optional<std::string> ReadAssociatedBssid(const nlmsghdr& message);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_WIRELESS_WIRELESS_MESSAGES_H_
