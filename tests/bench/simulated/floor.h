// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_SIMULATED_FLOOR_H_
#define FIREBREAK_TESTS_BENCH_SIMULATED_FLOOR_H_

#include <cstddef>

namespace firebreak::bench {

// A bound that no controller can beat on this machine, with both ends on it: connections with
// mutual TLS and the same event loop, but without HTTP/2, gRPC and decisions. Each host connects,
// receives the bytes that it is sent, and acknowledges them with 100 bytes.
struct Floor {
  double connect_micros = 0;  // the server's CPU time for each host
  double connect_seconds = 0;
  double push_micros = 0;  // the same for sending 4 KiB, until the last acknowledgement
  double push_seconds = 0;
};

Floor MeasureFloor(size_t hosts);

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_SIMULATED_FLOOR_H_
