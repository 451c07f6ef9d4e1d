// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_HARDENING_TCP_COUNTERS_H_
#define FIREBREAK_AGENT_HARDENING_TCP_COUNTERS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak::agent {

// What the kernel counts of connection requests, since the network namespace began.
struct TcpCounters {
  // For want of room in a queue: dropped, answered by a cookie instead, given up when complete.
  uint64_t dropped = 0;
  uint64_t by_cookie = 0;
  uint64_t overflows = 0;
  uint64_t cookies_back = 0;   // that came back
  uint64_t retransmitted = 0;  // SYNs and SYN-ACKs
  uint64_t proxied = 0;        // SYNs that the SYN proxy answered
  uint64_t proxied_back = 0;   // of these, whose cookies came back

  uint64_t refused() const { return dropped + by_cookie + overflows; }
};

// `netstat`: /proc/net/netstat; `synproxy`: /proc/net/stat/synproxy, empty if the kernel has none.
TcpCounters ParseTcpCounters(absl::string_view netstat, absl::string_view synproxy);

// Some 50 µs. Any thread.
absl::StatusOr<TcpCounters> ReadTcpCounters();

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_HARDENING_TCP_COUNTERS_H_
