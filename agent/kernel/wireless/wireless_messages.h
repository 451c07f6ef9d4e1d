#ifndef FIREBREAK_AGENT_KERNEL_WIRELESS_WIRELESS_MESSAGES_H_
#define FIREBREAK_AGENT_KERNEL_WIRELESS_WIRELESS_MESSAGES_H_

#include <cstdint>
#include <optional>
#include <string>

struct nlmsghdr;

namespace firebreak::agent {

// What the kernel answers of wireless networks, taken out of netlink messages (generic netlink,
// <linux/nl80211.h>). What is not there or is cut short is none.

// The number that generic netlink has given to nl80211, from an answer of CTRL_CMD_GETFAMILY.
std::optional<uint16_t> ReadFamilyNumber(const nlmsghdr& message);

// The name of the network that an interface has joined, as bytes that anybody may have chosen: at
// most 32 of them. From an answer of NL80211_CMD_GET_INTERFACE.
std::optional<std::string> ReadSsid(const nlmsghdr& message);

// The access point that it is associated with, "02:00:00:00:00:01", if that is the one that an
// answer of NL80211_CMD_GET_SCAN is about.
std::optional<std::string> ReadAssociatedBssid(const nlmsghdr& message);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_WIRELESS_WIRELESS_MESSAGES_H_
