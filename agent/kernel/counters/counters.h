// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_COUNTERS_COUNTERS_H_
#define FIREBREAK_AGENT_KERNEL_COUNTERS_COUNTERS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "agent/kernel/netlink/socket.h"

namespace firebreak::agent {

// The number of packets that each named counter of Firebreak's tables has counted. Counters of the
// same name in both families are added up.
using PacketCounts = std::map<std::string, uint64_t>;

// Reads the counters of nf_tables.
class Counters {
 public:
  static absl::StatusOr<Counters> Open();

  // Includes every packet counted before the call.
  absl::StatusOr<PacketCounts> Read();

 private:
  explicit Counters(NetlinkSocket socket) : socket_(std::move(socket)) {}

  NetlinkSocket socket_;
  uint32_t sequence_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_COUNTERS_COUNTERS_H_
