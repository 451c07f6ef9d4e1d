// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_CONNTRACK_CONNTRACK_H_
#define FIREBREAK_AGENT_KERNEL_CONNTRACK_CONNTRACK_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/kernel/conntrack/flow.h"
#include "agent/kernel/netlink/socket.h"

namespace firebreak::agent {

// The kernel's table of connections: reads it, looks up in it, and takes entries out of it.
//
// Threading: one thread at a time. Works in the network namespace in which it was opened. A dump of
// a large table takes long (some 100 ms for 100,000 flows); a caller that must not wait uses its
// own Conntrack on another thread.
class Conntrack {
 public:
  struct Filter {
    uint8_t family = 0;  // AF_INET or AF_INET6; 0: both
    // Selects only flows for which mark & mask == value.
    struct Mark {
      uint32_t value = 0, mask = 0xffffffff;
    };
    std::optional<Mark> mark = std::nullopt;
  };

  static absl::StatusOr<Conntrack> Open();

  // Calls `each` for every flow that exists throughout the dump. Flows that begin or end meanwhile
  // may be missing or come twice. `each` must not call this object.
  absl::Status Dump(const Filter& filter, const std::function<void(const Flow&)>& each);

  // Returns the flow that has the family, protocol, zone and original tuple of `flow`, or NotFound.
  absl::StatusOr<Flow> Get(const Flow& flow);

  // Adds an established TCP connection; only the tuples of `flow` count. Its next packet is
  // accepted as part of it, whatever the window. AlreadyExists: the table has the connection.
  absl::Status AddEstablished(const Flow& flow);

  // Removes exactly the entry that `flow` was read from. If another packet of the flow comes, it
  // belongs to no known connection. NotFound: the entry is already gone.
  absl::Status Delete(const Flow& flow);

 private:
  explicit Conntrack(NetlinkSocket socket) : socket_(std::move(socket)) {}

  NetlinkSocket socket_;
  uint32_t sequence_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_CONNTRACK_CONNTRACK_H_
