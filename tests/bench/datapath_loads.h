#ifndef FIREBREAK_TESTS_BENCH_DATAPATH_LOADS_H_
#define FIREBREAK_TESTS_BENCH_DATAPATH_LOADS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/namespace_pair.h"

namespace firebreak::bench {

// Loads on the host of a pair. Each is made, carried and received by the calling thread, on its one
// CPU, so a rate is the inverse of what a packet costs. Each call does a fixed amount of work and
// returns how many in a second of the CPU's. What does not arrive as it should ends the program.

// TCP connections from the peer to a port of the host: opened, accepted, reset.
class Connections {
 public:
  Connections(const NamespacePair& pair, uint16_t port);
  ~Connections();
  Connections(const Connections&) = delete;
  double PerSecond(int count);

 private:
  const NamespacePair& pair_;
  const uint16_t port_;
  int listener_ = -1;
};

// Packets of one UDP flow from the peer to a port of the host, established and all received.
class Flow {
 public:
  Flow(const NamespacePair& pair, uint16_t port);
  ~Flow();
  Flow(const Flow&) = delete;
  double PacketsPerSecond(int count);

 private:
  void Establish();

  int sender_ = -1, receiver_ = -1;
};

// Frames that the peer puts on the wire and of which no trace must be left at the host.
class Flood {
 public:
  enum class Kind { kUnsolicitedUdp, kSynFin };
  Flood(const NamespacePair& pair, Kind kind);
  ~Flood();
  Flood(const Flood&) = delete;
  double DroppedPerSecond(int count);

 private:
  const NamespacePair& pair_;
  int socket_ = -1;
  std::vector<std::string> frames_;
};

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_DATAPATH_LOADS_H_
