// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_GATEWAYS_GATEWAYS_H_
#define FIREBREAK_AGENT_KERNEL_GATEWAYS_GATEWAYS_H_

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/kernel/netlink/socket.h"

namespace firebreak::agent {

// The next hop of a default route.
struct Gateway {
  uint32_t interface_index = 0;
  std::string address;  // "192.0.2.1"
  std::string mac;      // "02:00:00:00:00:01"; empty: the neighbour is not known (now)

  friend bool operator==(const Gateway&, const Gateway&) = default;
};

// Reads the default gateways of the host's main routing table through rtnetlink.
class Gateways {
 public:
  static absl::StatusOr<Gateways> Open();

  // Returns them in the kernel's order. Reads the whole main table and the neighbours.
  absl::StatusOr<std::vector<Gateway>> Read();

  struct Changes {
    bool any = false;               // some default route changed; read them again
    std::set<uint32_t> interfaces;  // interfaces that lost a default route, if only for a moment
    bool all = false;               // the kernel dropped events, so any route may have changed
  };
  // Becomes readable when any route has changed; then call Drain.
  int descriptor() const { return events_.descriptor(); }
  Changes Drain();

 private:
  Gateways(NetlinkSocket requests, NetlinkSocket events)
      : requests_(std::move(requests)), events_(std::move(events)) {}

  NetlinkSocket requests_;
  NetlinkSocket events_;
  uint32_t sequence_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_GATEWAYS_GATEWAYS_H_
