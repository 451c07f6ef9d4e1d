// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_CONNTRACK_EVENTS_H_
#define FIREBREAK_AGENT_KERNEL_CONNTRACK_EVENTS_H_

#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/kernel/conntrack/flow.h"
#include "agent/kernel/netlink/socket.h"

namespace firebreak::agent {

// Reports the begin of flows, changes of their state, and their end. A flow begins when its first
// packet has been accepted.
//
// Threading: one thread at a time. Works in the network namespace in which it was opened.
class FlowEvents {
 public:
  enum class Kind { kBegun, kChanged, kEnded };

  static absl::StatusOr<FlowEvents> Open();

  int descriptor() const { return socket_.descriptor(); }

  // Receives one event, or a few. Unavailable: no event waits. DataLoss: the kernel dropped some.
  absl::Status Receive(const std::function<void(Kind, const Flow&)>& each);

  // Returns how many events the kernel has dropped since the last call.
  uint32_t TakeDropped();

 private:
  explicit FlowEvents(NetlinkSocket socket) : socket_(std::move(socket)) {}

  NetlinkSocket socket_;
  uint32_t dropped_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_CONNTRACK_EVENTS_H_
