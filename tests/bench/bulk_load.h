// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_BULK_LOAD_H_
#define FIREBREAK_TESTS_BENCH_BULK_LOAD_H_

#include <cstddef>
#include <cstdint>

#include "tests/bench/namespace_pair.h"

namespace firebreak::bench {

// One TCP connection from the peer to a port of the host, over IPv4 or over IPv6 link-local
// addresses, that carries as much as it can. Packets have the size that they would have on a cable,
// because the peer's device does no segmentation. The calling thread sends, carries and receives
// everything on its one CPU, as in datapath_loads.h.
class Bulk {
 public:
  Bulk(const NamespacePair& pair, uint16_t port, bool ipv6);
  ~Bulk();
  Bulk(const Bulk&) = delete;
  Bulk& operator=(const Bulk&) = delete;

  // Returns the bytes transferred per second of CPU time.
  double BytesPerSecond(size_t bytes);

 private:
  int listener_ = -1, sender_ = -1, receiver_ = -1;
};

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_BULK_LOAD_H_
