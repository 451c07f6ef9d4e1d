// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_WIRELESS_WIRELESS_H_
#define FIREBREAK_AGENT_KERNEL_WIRELESS_WIRELESS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "agent/kernel/netlink/socket.h"

namespace firebreak::agent {

// A wireless network that an interface has joined.
struct Association {
  std::string ssid;   // up to 32 bytes that anybody may have chosen; what is not UTF-8 is "?"
  std::string bssid;  // "02:00:00:00:00:01"; empty: the kernel does not say

  friend bool operator==(const Association&, const Association&) = default;
};

// Reads which wireless networks interfaces have joined (nl80211). Joining and leaving a network
// show as a change of the interface's carrier.
//
// Threading: one thread at a time. Works in the network namespace in which it was opened.
class Wireless {
 public:
  // NotFound: this kernel does not support wireless networks.
  static absl::StatusOr<Wireless> Open();

  // Returns nullopt if the interface is not wireless or has joined no network.
  absl::StatusOr<std::optional<Association>> Read(uint32_t interface_index);

 private:
  Wireless(NetlinkSocket socket, uint16_t family) : socket_(std::move(socket)), family_(family) {}

  NetlinkSocket socket_;
  uint16_t family_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_WIRELESS_WIRELESS_H_
