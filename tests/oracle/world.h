// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_ORACLE_WORLD_H_
#define FIREBREAK_TESTS_ORACLE_WORLD_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/kernel/netlink/socket.h"
#include "agent/trace/read_host_state.h"
#include "base/descriptor/descriptor.h"
#include "policy/trace/host_state.h"
#include "tests/oracle/must.h"
#include "tests/oracle/probe.h"

namespace firebreak::oracle {

// What the kernel was seen to do with a probe.
struct Observation {
  std::string state;        // conntrack's, by the kernel's own word; empty: it came to none
  bool arrived = false;     // it came to the end of its way
  ruleset::Bytes datagram;  // as it was there, or its beginning
};

// A host in a network namespace and its neighbours in another, joined by pairs of veth; both go
// with the process. The calling thread moves into the host's namespace and onto one CPU: what is
// sent over veth is then processed in the order in which it was sent, so that a frame sent behind a
// probe tells, when it is seen, that the kernel is done with the probe.
//
// What the kernel does is seen by chains of another table, through NFLOG, and by packet sockets at
// the neighbours' ends. Errors end the process: there is nothing to test without a world.
class World {
 public:
  struct Interface {
    std::string name;  // of the host's end
    std::string type;  // as in InterfaceMatch.types
    uint32_t index = 0;
    ruleset::Bytes address4, address6;
    ruleset::Bytes network4, network6;  // all but the last byte
    ruleset::Bytes mac, neighbour_mac;
  };

  World();

  const std::vector<Interface>& interfaces() const { return interfaces_; }
  // Flows and tables are asked of the kernel as it stands then.
  policy::HostState State();
  void ForgetFlows();
  // Switches forwarding of both families, on all interfaces.
  void SetForwarding(bool on);
  // In place of those that were set before; of nft(8), the tables `ip engine` and `ip6 engine`.
  void SetForeignTables(const std::string& text);

  // None: the kernel does not take such a packet from a program.
  std::optional<Observation> Send(const Probe& probe);

 private:
  struct Ends {
    Descriptor inside;   // packet socket at the host's end
    Descriptor outside;  // packet socket at the neighbours' end
    Descriptor raw4, raw6;
  };

  void MakeInterfaces();
  void OpenSockets();
  void BindLog();
  bool SendProbe(const Probe& probe);
  void SendSentinel();
  void ReadArrivals(const Probe& probe, Observation& seen);

  Descriptor neighbours_;  // their namespace
  std::vector<Interface> interfaces_;
  std::vector<Ends> ends_;
  Descriptor unbound4_, unbound6_;  // raw sockets
  std::unique_ptr<agent::NetlinkSocket> log_;
  std::unique_ptr<agent::NetlinkSocket> requests_;
  std::optional<agent::HostSockets> sockets_;
  uint32_t sequence_ = 0;
  uint32_t sentinel_ = 0;
  std::string foreign_tables_;
};

}  // namespace firebreak::oracle

#endif  // FIREBREAK_TESTS_ORACLE_WORLD_H_
