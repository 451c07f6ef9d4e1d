// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_BULK_LOAD_H_
#define FIREBREAK_TESTS_BENCH_BULK_LOAD_H_

#include <cstddef>
#include <cstdint>

#include "tests/bench/namespace_pair.h"

namespace firebreak::bench {

// One TCP connection from the peer to a port of the host, by IPv4 or by IPv6's link-local
// addresses, that carries as much as it can. Packets are of the size that they would have on a
// cable: the peer leaves no segmentation to the device. The calling thread sends, carries and
// receives all on its one CPU, as in datapath_loads.h.
class Bulk {
 public:
  Bulk(const NamespacePair& pair, uint16_t port, bool ipv6);
  ~Bulk();
  Bulk(const Bulk&) = delete;
  Bulk& operator=(const Bulk&) = delete;

  // Bytes for each second of CPU time.
  double BytesPerSecond(size_t bytes);

 private:
  int listener_ = -1, sender_ = -1, receiver_ = -1;
};

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_BULK_LOAD_H_
