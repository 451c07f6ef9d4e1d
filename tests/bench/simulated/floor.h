#ifndef FIREBREAK_TESTS_BENCH_SIMULATED_FLOOR_H_
#define FIREBREAK_TESTS_BENCH_SIMULATED_FLOOR_H_

#include <cstddef>

namespace firebreak::bench {

// What no controller can do better on this machine, as both of its ends are here: connections with
// mutual TLS and the same event loop, but without HTTP/2, gRPC or anything to decide. Each host
// connects, takes as many bytes as it is sent, and acknowledges them with 100.
struct Floor {
  double connect_micros = 0;  // the server's CPU, a host
  double connect_seconds = 0;
  double push_micros = 0;  // the same for 4 KiB until the last acknowledgement
  double push_seconds = 0;
};

Floor MeasureFloor(size_t hosts);

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_SIMULATED_FLOOR_H_
