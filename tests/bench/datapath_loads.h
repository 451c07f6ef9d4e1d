// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_DATAPATH_LOADS_H_
#define FIREBREAK_TESTS_BENCH_DATAPATH_LOADS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/namespace_pair.h"

namespace firebreak::bench {

// Loads on the host of a pair. The calling thread sends, carries and receives all packets on its
// one CPU, so a rate is the inverse of what a packet costs. Each call does a fixed amount of work
// and returns the number of operations per second of CPU time. A packet that does not arrive as it
// should ends the program.

// Opens, accepts and resets TCP connections from the peer to a port of the host, or to one of the
// far namespace, which the host forwards (published: sent to the host's own address); or from the
// host to a port of the peer.
class Connections {
 public:
  enum class To { kHost, kFar, kPublished, kPeer };
  Connections(const NamespacePair& pair, uint16_t port, To to = To::kHost, int backlog = 128);
  ~Connections();
  Connections(const Connections&) = delete;
  double PerSecond(int count);

 private:
  const NamespacePair& pair_;
  const To to_;
  const char* const address_;
  const uint16_t port_;
  int listener_ = -1;
};

// Sends packets of one established UDP flow from the peer to a port of the host; all must arrive.
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

// Puts frames on the wire at the peer that must all be dropped at the host.
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

// Sends connection requests to a port of the host from many senders that never answer.
class HalfOpenFlood {
 public:
  static constexpr char kSources[] = "198.18.0.0/15";  // RFC 2544

  HalfOpenFlood(const NamespacePair& pair, uint16_t port);
  ~HalfOpenFlood();
  HalfOpenFlood(const HalfOpenFlood&) = delete;
  HalfOpenFlood& operator=(const HalfOpenFlood&) = delete;

  // Sends one request from each of `count` senders. At any time fewer are under way than the host's
  // queues hold.
  void Send(int count);

 private:
  const NamespacePair& pair_;
  const uint16_t port_;
  int socket_ = -1;
};

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_DATAPATH_LOADS_H_
