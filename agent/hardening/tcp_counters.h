// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_HARDENING_TCP_COUNTERS_H_
#define FIREBREAK_AGENT_HARDENING_TCP_COUNTERS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak::agent {

// The kernel's counts of connection requests since the network namespace was made.
struct TcpCounters {
  // Requests without room in a queue: dropped, answered by a cookie instead, given up after the
  // handshake.
  uint64_t dropped = 0;
  uint64_t by_cookie = 0;
  uint64_t overflows = 0;
  uint64_t cookies_back = 0;   // SYN cookies that clients returned
  uint64_t retransmitted = 0;  // SYNs and SYN-ACKs
  uint64_t proxied = 0;        // SYNs that the SYN proxy answered
  uint64_t proxied_back = 0;   // of these, completed with the right cookie

  uint64_t refused() const { return dropped + by_cookie + overflows; }
};

// Parses /proc/net/netstat and /proc/net/stat/synproxy; `synproxy` is empty if the kernel has none.
TcpCounters ParseTcpCounters(absl::string_view netstat, absl::string_view synproxy);

// Takes about 50 µs. Any thread may call it.
absl::StatusOr<TcpCounters> ReadTcpCounters();

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_HARDENING_TCP_COUNTERS_H_
