#ifndef FIREBREAK_TESTS_ORACLE_PROBE_H_
#define FIREBREAK_TESTS_ORACLE_PROBE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "policy/ruleset/expression.h"

namespace firebreak::oracle {

// One packet that the oracle sends, and how.
struct Probe {
  enum class Way {
    kIn,      // a frame from the other end of the interface
    kRaw,     // from the host, through a raw socket: IP routes and filters it
    kPacket,  // from the host, through a packet socket: past IP
  };
  Way way = Way::kIn;
  int interface = 0;        // index into World::interfaces()
  bool broadcast = false;   // the frame's destination
  ruleset::Bytes datagram;  // from the IP header on
  // What is sent in its place: the parts of it, if it is sent in fragments.
  std::vector<ruleset::Bytes> fragments;
  uint16_t id = 0;   // what the packet is known by: IPv4's identification, IPv6's flow label
  std::string kind;  // for counting: "tcp4"
};

}  // namespace firebreak::oracle

#endif  // FIREBREAK_TESTS_ORACLE_PROBE_H_
