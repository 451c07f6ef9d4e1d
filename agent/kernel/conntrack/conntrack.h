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
// a large table takes long (some 100 ms for 100,000 flows); whoever must not wait has a Conntrack
// and a thread of its own.
class Conntrack {
 public:
  struct Filter {
    uint8_t family = 0;  // AF_INET, AF_INET6; 0: both
    // Only flows with mark & mask == value.
    struct Mark {
      uint32_t value = 0, mask = 0xffffffff;
    };
    std::optional<Mark> mark = std::nullopt;
  };

  static absl::StatusOr<Conntrack> Open();

  // Calls `each` for the flows that are there throughout; of those that come or go meanwhile some
  // may be missing or come twice. `each` must not call this object.
  absl::Status Dump(const Filter& filter, const std::function<void(const Flow&)>& each);

  // The flow with the family, protocol, zone and original tuple of `flow`; none: NotFound.
  absl::StatusOr<Flow> Get(const Flow& flow);

  // Puts in a TCP connection that is established, of which only the tuples count: its next packet
  // is taken for one of it, and it is not held to windows that nobody has seen. AlreadyExists: it
  // is there.
  absl::Status AddEstablished(const Flow& flow);

  // Takes out the very entry that `flow` was read from: the flow's next packet, if any comes, is
  // judged as one of no known connection. NotFound: it is gone already.
  absl::Status Delete(const Flow& flow);

 private:
  explicit Conntrack(NetlinkSocket socket) : socket_(std::move(socket)) {}

  NetlinkSocket socket_;
  uint32_t sequence_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_CONNTRACK_CONNTRACK_H_
