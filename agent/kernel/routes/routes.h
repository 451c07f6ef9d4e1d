// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_ROUTES_ROUTES_H_
#define FIREBREAK_AGENT_KERNEL_ROUTES_ROUTES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/kernel/netlink/socket.h"

namespace firebreak::agent {

// An entry of the routing table `local`.
struct LocalRoute {
  std::string prefix;  // 4 or 16 bytes, network order
  uint8_t length = 0;  // bits
  uint8_t type = 0;    // RTN_*
  uint32_t interface = 0;
};

// Reads the host's routing tables through rtnetlink.
class Routes {
 public:
  static absl::StatusOr<Routes> Open();

  // Returns the routes to this host itself, of both families.
  absl::StatusOr<std::vector<LocalRoute>> ReadLocal();

  // Returns whether the host routes IPv4 packets by rules of its own, beside those that every host
  // has.
  absl::StatusOr<bool> HasOwnRules();

  // Returns the index of the interface through which a packet to the address (4 or 16 bytes) would
  // leave, or nullopt if there is no route. `out` is the interface that it must leave through, or
  // 0.
  absl::StatusOr<std::optional<uint32_t>> Find(absl::string_view destination, uint32_t out);

 private:
  explicit Routes(NetlinkSocket socket) : socket_(std::move(socket)) {}

  NetlinkSocket socket_;
  uint32_t sequence_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_ROUTES_ROUTES_H_
