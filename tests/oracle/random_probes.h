// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_ORACLE_RANDOM_PROBES_H_
#define FIREBREAK_TESTS_ORACLE_RANDOM_PROBES_H_

#include <deque>
#include <vector>

#include "policy/trace/datagram.h"
#include "tests/oracle/probe.h"
#include "tests/oracle/random_policies.h"
#include "tests/oracle/world.h"

namespace firebreak::oracle {

using datagram::Header;
using ruleset::Bytes;

// Makes packets of all kinds, correct and malformed. Addresses, ports and earlier packets are used
// again and again, so that packets match policies and belong to flows.
class RandomProbes {
 public:
  // Both references must outlive this object. The ids of packets begin at `id`.
  RandomProbes(const std::vector<World::Interface>& interfaces, Random& random, uint16_t id)
      : interfaces_(interfaces), random_(random), id_(id) {}

  Probe Next();

 private:
  // The values that a packet and the answers to it have in common.
  struct Talk {
    bool ipv6 = false;
    size_t interface = 0;
    uint8_t protocol = 0;
    Bytes local, remote;
    uint16_t local_port = 0, remote_port = 0;
    uint16_t number = 0;  // the identifier of ICMP, or the key of GRE
  };

  Talk NewTalk();
  void AimAtPublished(Talk& talk);
  Bytes OddAddress(const Talk& talk, bool inward, bool source);
  Bytes Transport(const Talk& talk, bool inward);
  Bytes IcmpTransport(const Talk& talk, bool inward);
  Bytes QuoteOf(const Talk& talk, bool inward);
  // Adds a source route, or a routing header, whose end is this host.
  void AddRoute(Header& header);
  void AddOptions(Header& header);
  void Fragment(const Header& header, const Bytes& transport, Probe& probe);

  const std::vector<World::Interface>& interfaces_;
  Random& random_;
  std::deque<Talk> talks_;
  uint16_t id_;
};

}  // namespace firebreak::oracle

#endif  // FIREBREAK_TESTS_ORACLE_RANDOM_PROBES_H_
