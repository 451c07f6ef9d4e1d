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

// A row of the table `local`.
struct LocalRoute {
  std::string prefix;  // 4 or 16 bytes, network order
  uint8_t length = 0;  // bits
  uint8_t type = 0;    // RTN_*
  uint32_t interface = 0;
};

// The host's routing tables, through rtnetlink.
//
// Threading: one thread at a time. Works in the network namespace in which it was opened.
class Routes {
 public:
  static absl::StatusOr<Routes> Open();

  // What is for this host: both families.
  absl::StatusOr<std::vector<LocalRoute>> ReadLocal();

  // The index of the interface by which a packet for the address (4 or 16 bytes) would leave; none:
  // no route leads there. `out` is the interface that it must leave by, or 0.
  absl::StatusOr<std::optional<uint32_t>> Find(absl::string_view destination, uint32_t out);

 private:
  explicit Routes(NetlinkSocket socket) : socket_(std::move(socket)) {}

  NetlinkSocket socket_;
  uint32_t sequence_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_ROUTES_ROUTES_H_
