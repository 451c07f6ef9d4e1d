#ifndef FIREBREAK_AGENT_KERNEL_COUNTERS_COUNTERS_H_
#define FIREBREAK_AGENT_KERNEL_COUNTERS_COUNTERS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "agent/kernel/netlink/socket.h"

namespace firebreak::agent {

// How many packets each named counter of Firebreak's tables has counted; of one name in both
// families, the sum.
using PacketCounts = std::map<std::string, uint64_t>;

// Reads counters, and nothing else of nf_tables.
//
// Threading: one thread at a time. Works in the network namespace in which it was opened.
class Counters {
 public:
  static absl::StatusOr<Counters> Open();

  // Every packet counted before the call is in it.
  absl::StatusOr<PacketCounts> Read();

 private:
  explicit Counters(NetlinkSocket socket) : socket_(std::move(socket)) {}

  NetlinkSocket socket_;
  uint32_t sequence_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_COUNTERS_COUNTERS_H_
