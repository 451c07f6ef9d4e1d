// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_ORACLE_PROBE_H_
#define FIREBREAK_TESTS_ORACLE_PROBE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "policy/ruleset/expression.h"

namespace firebreak::oracle {

// One packet that the oracle sends, and the way in which it is sent.
struct Probe {
  enum class Way {
    kIn,      // a frame from the other end of the interface
    kRaw,     // from the host, through a raw socket: IP routes and filters it
    kPacket,  // from the host, through a packet socket, which bypasses IP
  };
  Way way = Way::kIn;
  int interface = 0;  // an index into World::interfaces()
  // kRaw: whether the socket is bound to the interface; if not, routes say where the packet leaves.
  bool bound = true;
  bool broadcast = false;   // whether the frame is sent to the broadcast address
  ruleset::Bytes datagram;  // all bytes from the IP header on
  // The fragments that are sent in place of the datagram, if it is fragmented.
  std::vector<ruleset::Bytes> fragments;
  uint16_t id = 0;   // identifies the packet: IPv4's identification or IPv6's flow label
  std::string kind;  // for counting, for example "tcp4"
};

}  // namespace firebreak::oracle

#endif  // FIREBREAK_TESTS_ORACLE_PROBE_H_
