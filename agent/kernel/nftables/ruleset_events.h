#ifndef FIREBREAK_AGENT_KERNEL_NFTABLES_RULESET_EVENTS_H_
#define FIREBREAK_AGENT_KERNEL_NFTABLES_RULESET_EVENTS_H_

#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "agent/kernel/netlink/socket.h"

namespace firebreak::agent {

// Tells when somebody else changes Firebreak's table.
//
// Threading: one thread at a time. Works in the network namespace in which it was opened.
class RulesetEvents {
 public:
  static absl::StatusOr<RulesetEvents> Open();

  // Readable when anybody has changed anything; then call Drain.
  int descriptor() const { return socket_.descriptor(); }

  // Reads all that waits. True if our table may have been changed through another socket than the
  // one with the port `own`: so it was, or more happened than the kernel could tell.
  bool Drain(uint32_t own);

 private:
  explicit RulesetEvents(NetlinkSocket socket) : socket_(std::move(socket)) {}

  NetlinkSocket socket_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFTABLES_RULESET_EVENTS_H_
